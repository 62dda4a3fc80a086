/** The shell's commands for operators of the platform. `moleculer.config.ts` hands them to moleculer-repl. */
import type { ServiceBroker } from "moleculer";
import { breakersOf, resetBreaker } from "../middlewares/breaker.middleware.ts";
import { nodesOf } from "../node/nodes.ts";
import { jobCommands } from "./job.commands.ts";
import { type Command, command, Misuse, type Row, type Shown, word, type Words } from "./command.ts";
import { call } from "./operator.ts";

interface List {
  readonly items: readonly Row[];
  readonly nextCursor?: string | null;
}
interface Saga extends Row {
  readonly id: string;
}

const SERVICE = { option: "--service <name>", description: "The service whose sagas they are; the default is order" };
const serviceOf = ({ options }: Words): string =>
  typeof options["service"] === "string" ? options["service"] : "order";

async function sagas(broker: ServiceBroker, words: Words): Promise<Shown> {
  if (words.options["versions"] === true) return sagasByVersion(broker, serviceOf(words));
  const parked = words.options["parked"] === true;
  const { items } = await call<List>(broker, `${serviceOf(words)}.listSagas`, { limit: 100, parked });
  return items;
}

/** A definition may go when none of its sagas is left, parked ones included. */
async function sagasByVersion(broker: ServiceBroker, service: string): Promise<Shown> {
  const counts = new Map<number, number>();
  for (const parked of [false, true]) {
    let cursor: string | null | undefined;
    do {
      const page: List = await call(broker, `${service}.listSagas`, {
        limit: 100,
        parked,
        ...(cursor ? { cursor } : {}),
      });
      for (const { version } of page.items) counts.set(Number(version), (counts.get(Number(version)) ?? 0) + 1);
      cursor = page.nextCursor;
    } while (cursor);
  }
  return [...counts].toSorted(([a], [b]) => a - b).map(([version, unfinished]) => ({ version, unfinished }));
}

async function showSaga(broker: ServiceBroker, service: string, id: string): Promise<Shown> {
  const { steps, ...saga } = await call<Saga & { steps: readonly Row[] }>(broker, `${service}.getSaga`, { id });
  const { status, direction, attempt, reason, nextAt, owner } = saga as Row;
  const head = { step: "", direction, state: status, startedAt: nextAt && `again ${nextAt}`, endedAt: null };
  return [...steps, { ...head, detail: [reason, owner, `attempt ${attempt}`].filter(Boolean).join(", ") } as Row];
}

const SAGA_USAGE = "saga <id>, saga retry <id>, or saga settle <id> confirmed|cancelled --note <why>";

async function saga(broker: ServiceBroker, words: Words): Promise<Shown> {
  const verb = word(words, "verb", SAGA_USAGE);
  const service = serviceOf(words);
  if (verb !== "retry" && verb !== "settle") return showSaga(broker, service, verb);
  const id = word(words, "id", SAGA_USAGE);
  const settled = () => ({ status: word(words, "status", SAGA_USAGE), note: word(words, "note", SAGA_USAGE) });
  const asked = verb === "retry" ? { id } : { id, ...settled() };
  const { status } = await call<{ status: string }>(broker, `${service}.${verb}`, asked);
  return `${service} ${id} is ${status}.`;
}

async function deadLetters(broker: ServiceBroker, words: Words): Promise<Shown> {
  const service = word(words, "service", "dead-letters <service>");
  const { items } = await call<List>(broker, `${service}.listDeadLetters`, { limit: 100 });
  return items.map(
    ({ id, type, subject, time, attempts, error }) => ({ id, type, subject, time, attempts, error }) as Row,
  );
}

const LETTER_USAGE = "dead-letter replay|discard <service> <id>";

async function deadLetter(broker: ServiceBroker, words: Words): Promise<Shown> {
  const [verb, service, id] = ["verb", "service", "id"].map((name) => word(words, name, LETTER_USAGE));
  if (verb !== "replay" && verb !== "discard") throw new Misuse(`There is no dead-letter ${verb}: ${LETTER_USAGE}`);
  await call(broker, `${service}.${verb}DeadLetter`, { id });
  return verb === "replay" ? "The event will be handled again." : "It is given up.";
}

async function replay(broker: ServiceBroker, words: Words): Promise<Shown> {
  const usage = "replay <service> --since 2026-01-31T12:00:00Z [--type <event>] [--subject <kind:id>]";
  const service = word(words, "service", usage);
  const { type, subject } = words.options;
  const asked = { since: word(words, "since", usage), ...(type ? { type } : {}), ...(subject ? { subject } : {}) };
  const { count } = await call<{ count: number }>(broker, `${service}.replayEvents`, asked);
  return `${count} events of ${service} are told again; subscribers pass over those they have had.`;
}

async function breakers(broker: ServiceBroker): Promise<Shown> {
  const items = breakersOf(broker).list();
  return items.length > 0 ? (items as unknown as readonly Row[]) : "All circuit breakers are closed.";
}

async function breaker(broker: ServiceBroker, words: Words): Promise<Shown> {
  const usage = "breaker reset <action> [node], with the action's full name, such as v1.order.create";
  if (word(words, "verb", usage) !== "reset") throw new Misuse(`Only reset is possible: ${usage}`);
  const { node } = words;
  const name = word(words, "action", usage);
  const reset = { action: name, ...(typeof node === "string" ? { target: node } : {}) };
  await resetBreaker(broker, (...asked) => call(broker, ...asked), reset);
  return `The circuit breakers of ${name} are closed in every node.`;
}

interface State {
  readonly calls: number;
}

/** @throws Misuse for a node that this one does not know */
const ofNode = (broker: ServiceBroker, name: "drain" | "resume", node: string): Promise<State> => {
  if (!nodesOf(broker).some(({ id }) => id === node)) throw new Misuse(`No node is called ${node}: see \`nodes\`.`);
  return call<State>(broker, `$standby.${name}`, {}, { nodeID: node });
};

async function drain(broker: ServiceBroker, words: Words): Promise<Shown> {
  const node = word(words, "node", "drain <node>");
  const { calls } = await ofNode(broker, "drain", node);
  const rest = calls > 0 ? `still works on ${calls} calls` : "has finished what it had";
  return `${node} takes no new work and ${rest}: end its process, or have it \`undrain\`.`;
}

async function undrain(broker: ServiceBroker, words: Words): Promise<Shown> {
  const node = word(words, "node", "undrain <node>");
  await ofNode(broker, "resume", node);
  return `${node} takes work again.`;
}

/** `help` shows how to use the token in a call. */
async function token(broker: ServiceBroker, words: Words): Promise<Shown> {
  const usage = "token <email> <password>";
  const [email, password] = [word(words, "email", usage), word(words, "password", usage)];
  const { accessToken } = await broker.call<{ accessToken: string }, object>("user.signIn", { email, password });
  return `Good for 15 minutes: call user.getProfile --#accessToken ${accessToken}`;
}

export const replCommands: readonly Command[] = [
  command(
    "token <email> <password>",
    "Sign in; then call as somebody: call user.getProfile --#accessToken <token>",
    token,
  ),
  command("sagas", "Sagas that have not ended", sagas, [
    { option: "--parked", description: "Only those that need a person" },
    { option: "--versions", description: "How many there are of each version of the saga's definition" },
    SERVICE,
  ]),
  command("saga <verb> [id] [status]", "Show a saga's steps, retry a parked one, or end it by hand", saga, [
    { option: "--note <why>", description: "Why it is ended by hand" },
    SERVICE,
  ]),
  command("dead-letters <service>", "Events that a service could not handle", deadLetters),
  command("dead-letter <verb> <service> <id>", "Replay or discard an event that could not be handled", deadLetter),
  command("replay <service>", "Publish a service's events again", replay, [
    { option: "--since <time>", description: "Only events from this time on, such as 2026-01-31T12:00:00Z" },
    { option: "--type <event>", description: "Only events of this type, such as order.confirmed" },
    { option: "--subject <subject>", description: "Only events of this subject, such as order:<id>" },
  ]),
  ...jobCommands,
  command("breakers", "Circuit breakers that are not closed", breakers),
  command("breaker <verb> <action> [node]", "Reset the circuit breakers of an action", breaker),
  command("drain <node>", "Let a node finish its work and accept no new work", drain),
  command("undrain <node>", "Let a drained node accept work again", undrain),
];
