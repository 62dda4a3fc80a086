/** The parts of a command of the shell: its words, its function, a table, and a sentence when it fails. */
import type { ServiceBroker } from "moleculer";

/** The arguments that moleculer-repl passes to a command. */
export interface Words {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly [operand: string]: string | undefined | Readonly<Record<string, string | boolean | undefined>>;
}

interface Helpers {
  readonly table: (rows: readonly (readonly string[])[]) => string;
}

export interface Command {
  readonly command: string;
  readonly description: string;
  readonly options?: readonly { readonly option: string; readonly description: string }[];
  action(broker: ServiceBroker, words: Words, helpers: Helpers): Promise<void>;
}

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** The output of a command: rows of a table, or a sentence. */
export type Shown = readonly Row[] | string;

/** The error for words that the command does not accept. */
export class Misuse extends Error {}

const advice: Readonly<Record<string, string>> = {
  NOT_FOUND: "Nothing has that id. List what exists, and copy the id from there.",
  SERVICE_NOT_FOUND: "No node offers that action. See `services` and `nodes`, and check the name.",
  SERVICE_NOT_AVAILABLE: "Its node is not there, or its circuit breaker is open. See `nodes` and `breakers`.",
  REQUEST_TIMEOUT:
    "No answer came in time. The node may be busy or gone, or this node's NATS user may not call it. See `nodes`.",
  FORBIDDEN: "A shell may not do this. An administrator may do it over HTTP.",
  TOKEN_INVALID: "This node and the called one have different values of SERVICE_KEY.",
};

function explain(error: unknown): string {
  const { type = "", message, data } = error as { type?: string; message: string; data?: { errors?: unknown } };
  if (error instanceof Misuse) return message;
  if (type === "VALIDATION_FAILED") return `${message}: ${JSON.stringify(data?.errors)}`;
  return `${message}${/[.!?]$/.test(message) ? "" : "."} ${advice[type] ?? ""}`.trim();
}

function draw(shown: Shown, { table }: Helpers): string {
  if (typeof shown === "string") return shown;
  if (shown.length === 0) return "There is none.";
  const heads = Object.keys(shown[0]!);
  return table([heads, ...shown.map((row) => heads.map((head) => String(row[head] ?? "")))]);
}

/** @param work its errors are shown as a sentence, and never end the shell */
export const command = (
  syntax: string,
  description: string,
  work: (broker: ServiceBroker, words: Words) => Promise<Shown>,
  options: Command["options"] = [],
): Command => ({
  command: syntax,
  description,
  options,
  async action(broker, words, helpers) {
    try {
      process.stdout.write(`${draw(await work(broker, words), helpers)}\n`);
    } catch (error) {
      process.stderr.write(`${explain(error)}\n`);
    }
  },
});

/** @throws Misuse when the word is missing */
export function word(words: Words, name: string, usage: string): string {
  const value = words[name] ?? words.options[name];
  if (typeof value === "string" && value !== "") return value;
  throw new Misuse(`The ${name} is missing: ${usage}`);
}
