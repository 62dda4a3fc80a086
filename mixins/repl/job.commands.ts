/** The shell's commands for jobs. */
import type { ServiceBroker } from "moleculer";
import { type Command, command, Misuse, type Row, type Shown, word, type Words } from "./command.ts";
import { call } from "./operator.ts";

interface List {
  readonly items: readonly Row[];
}
type Progress = { readonly done: number; readonly total?: number } | null;

const told = (progress: Progress): string =>
  progress ? [progress.done, progress.total].filter((one) => one !== undefined).join(" of ") : "";

async function list(broker: ServiceBroker, words: Words): Promise<Shown> {
  const service = word(words, "service", "jobs <service>");
  const { kind, state } = words.options;
  const asked = { limit: 100, ...(kind ? { kind } : {}), ...(state ? { state } : {}) };
  const { items } = await call<List>(broker, `${service}.listJobs`, asked);
  return items.map(({ id, kind: of, state: at, attempt, nextAt, progress, owner, error }) => ({
    ...({ id, kind: of, state: at, attempt, nextAt } as Row),
    progress: told(progress as unknown as Progress),
    ...({ owner, error } as Row),
  }));
}

const USAGE = "job show|retry|cancel <service> <id>";

async function one(broker: ServiceBroker, words: Words): Promise<Shown> {
  const [verb, service, id] = ["verb", "service", "id"].map((name) => word(words, name, USAGE));
  if (verb === "show") {
    const job = await call<object>(broker, `${service}.getJob`, { id });
    return Object.entries(job).map(([field, value]: [string, unknown]) => ({
      field,
      value: typeof value === "string" ? value : JSON.stringify(value),
    }));
  }
  if (verb !== "retry" && verb !== "cancel") throw new Misuse(`There is no job ${verb}: ${USAGE}`);
  await call(broker, `${service}.${verb}Job`, { id });
  return verb === "retry" ? "The job will be tried again." : "The job is given up.";
}

async function kinds(broker: ServiceBroker, words: Words): Promise<Shown> {
  const service = word(words, "service", "job-kinds <service>");
  return (await call<List>(broker, `${service}.listJobKinds`, {})).items;
}

const KIND_USAGE = "job-kind pause|resume <service> <kind>";

async function kind(broker: ServiceBroker, words: Words): Promise<Shown> {
  const [verb, service, name] = ["verb", "service", "kind"].map((of) => word(words, of, KIND_USAGE));
  if (verb !== "pause" && verb !== "resume") throw new Misuse(`There is no job-kind ${verb}: ${KIND_USAGE}`);
  await call(broker, `${service}.${verb}Jobs`, { kind: name });
  return verb === "pause" ? `No more jobs of ${name} begin; those that run go on.` : `Jobs of ${name} begin again.`;
}

export const jobCommands: readonly Command[] = [
  command("jobs <service>", "Jobs of a service, newest first", list, [
    { option: "--kind <kind>", description: "Only jobs of this kind" },
    { option: "--state <state>", description: "waiting, running, done, dead or cancelled" },
  ]),
  command("job <verb> <service> <id>", "Show a job, try a dead one again, or give one up", one),
  command("job-kinds <service>", "Kinds of jobs, with how many are due, running and dead", kinds),
  command("job-kind <verb> <service> <kind>", "Pause or resume the jobs of a kind", kind),
];
