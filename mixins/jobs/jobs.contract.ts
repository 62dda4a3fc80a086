/** What operators may do with a service's jobs, and what a person may export of theirs. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Code, Id, LiveItems, Nothing, Page, paging, Strict, Timestamp } from "#core/schema.ts";

const State = Type.Enum(["waiting", "running", "done", "dead", "cancelled"], { title: "JobState" });
const Kind = Code("^[a-z][A-Za-z]*$", 100);
const OfKind = Strict({ kind: Kind });
const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const summary = {
  id: Id,
  kind: Type.String(),
  key: maybe(Type.String()),
  state: State,
  priority: Type.Enum(["high", "normal", "low"]),
  /** When it begins, or is tried again, or the lease of its node ends; null when it has ended. */
  nextAt: maybe(Timestamp),
  /** Attempts that were begun. */
  attempt: Type.Integer(),
  failures: Type.Integer(),
  /** Of the last attempt that failed. */
  error: maybe(Type.String()),
  /** The node that runs it. */
  owner: maybe(Type.String()),
  progress: maybe(
    Type.Object(
      { done: Type.Number(), total: Type.Optional(Type.Number()), position: Type.Optional(Type.String()) },
      { title: "JobProgress" },
    ),
  ),
  createdAt: Timestamp,
  startedAt: maybe(Timestamp),
  endedAt: maybe(Timestamp),
};

export const jobs = {
  name: "jobs",
  actions: (service: string) => ({
    listJobs: action({
      summary: `Jobs of the ${service} service, newest first`,
      rest: `GET /jobs/${service}`,
      auth: "staff",
      operator: true,
      input: Strict({ ...paging, kind: Type.Optional(Kind), state: Type.Optional(State) }),
      output: Page(Type.Object(summary)),
    }),
    getJob: action({
      summary: "A job with its input and its result",
      rest: `GET /jobs/${service}/:id`,
      auth: "staff",
      operator: true,
      input: ById,
      output: Type.Object({ ...summary, input: Type.Unknown(), result: Type.Unknown() }),
      errors: ["NOT_FOUND"],
    }),
    watchJob: action({
      summary: "Follow a job as it goes on",
      rest: `GET /jobs/${service}/:id/events`,
      auth: "staff",
      live: true,
      sends: { "job.changed": { summary: "How far it is, or how it ended", data: Type.Object(summary) } },
      input: Strict({ id: Id, after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })) }),
      output: LiveItems,
      errors: ["NOT_FOUND"],
    }),
    retryJob: action({
      summary: "Try a dead job again",
      rest: `POST /jobs/${service}/:id/retry`,
      keyless: "Asked again, it changes nothing more.",
      status: 204,
      auth: "staff",
      operator: true,
      input: ById,
      output: Nothing,
      errors: ["NOT_FOUND"],
    }),
    cancelJob: action({
      summary: "Give a job up that has not ended, or that is dead",
      rest: `DELETE /jobs/${service}/:id`,
      status: 204,
      auth: "staff",
      operator: true,
      input: ById,
      output: Nothing,
      errors: ["NOT_FOUND"],
    }),
    listJobKinds: action({
      summary: `Kinds of jobs of the ${service} service, with how many are due, running and dead`,
      rest: `GET /job-kinds/${service}`,
      auth: "staff",
      operator: true,
      input: Strict({}),
      output: Type.Object({
        items: Type.Array(
          Type.Object({
            kind: Type.String(),
            summary: Type.String(),
            cron: maybe(Type.String()),
            paused: Type.Boolean(),
            due: Type.Integer(),
            running: Type.Integer(),
            dead: Type.Integer(),
          }),
        ),
      }),
    }),
    pauseJobs: action({
      summary: "Begin no more jobs of a kind; those that run go on",
      rest: `POST /job-kinds/${service}/:kind/pause`,
      keyless: "Asked again, it changes nothing more.",
      status: 204,
      auth: "staff",
      operator: true,
      input: OfKind,
      output: Nothing,
      errors: ["NOT_FOUND"],
    }),
    resumeJobs: action({
      summary: "Begin jobs of a kind again",
      rest: `POST /job-kinds/${service}/:kind/resume`,
      keyless: "Asked again, it changes nothing more.",
      status: 204,
      auth: "staff",
      operator: true,
      input: OfKind,
      output: Nothing,
      errors: ["NOT_FOUND"],
    }),
    listOwnJobs: action({
      summary: "My jobs, newest first",
      auth: "customer",
      export: `${service}Jobs`,
      input: Strict(paging),
      output: Page(
        Type.Object({
          kind: Type.String(),
          state: State,
          input: Type.Unknown(),
          result: Type.Unknown(),
          createdAt: Timestamp,
        }),
      ),
    }),
  }),
} as const satisfies Block;
