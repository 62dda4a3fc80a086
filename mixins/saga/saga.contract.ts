/** What operators may do with a service's sagas: find those that have not ended, and see what each has done. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Id, Page, paging, Strict, Timestamp } from "#core/schema.ts";

const statuses = ["active", "waiting", "completed", "compensated", "parked"] as const;
const directions = ["forward", "backward"] as const;
const Direction = Type.Enum(directions);

const summary = {
  id: Id,
  /** Of the definition whose steps it takes. */
  version: Type.Integer(),
  status: Type.Enum(statuses),
  direction: Direction,
  /** Index of the step at hand. */
  step: Type.Integer(),
  /** Failures in a row, or pauses of a step that waits. */
  attempt: Type.Integer(),
  reason: Type.Union([Type.String(), Type.Null()]),
  /** When it is tried again; null when it is parked or has ended. */
  nextAt: Type.Union([Timestamp, Type.Null()]),
  /** The node that runs it. */
  owner: Type.Union([Type.String(), Type.Null()]),
};

const Step = Type.Object(
  {
    step: Type.String(),
    direction: Direction,
    state: Type.String(),
    startedAt: Timestamp,
    endedAt: Type.Union([Timestamp, Type.Null()]),
    detail: Type.Union([Type.String(), Type.Null()]),
  },
  { title: "SagaStep" },
);

export const saga = {
  name: "saga",
  actions: (service: string) => ({
    listSagas: action({
      summary: `Sagas of the ${service} service that have not ended, or those that need a person`,
      rest: `GET /sagas/${service}`,
      auth: "staff",
      operator: true,
      input: Strict({ ...paging, parked: Type.Optional(Type.Boolean()) }),
      output: Page(Type.Object(summary)),
    }),
    getSaga: action({
      summary: "A saga with every step that it began",
      rest: `GET /sagas/${service}/:id`,
      auth: "staff",
      operator: true,
      input: ById,
      output: Type.Object({ ...summary, steps: Type.Array(Step) }),
      errors: ["NOT_FOUND"],
    }),
  }),
} as const satisfies Block;
