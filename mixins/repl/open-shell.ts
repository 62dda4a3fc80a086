/** Opens moleculer-repl at a node, with our contracts' parameters, short names, and codes instead of stacks. */
import type { REPLServer } from "node:repl";
import type { ServiceBroker } from "moleculer";

interface Action {
  readonly name: string;
  readonly input?: { readonly properties: object; readonly required?: readonly string[] };
  readonly params?: object;
}
interface Listed {
  readonly name: string;
  readonly action?: Action | null;
}
type List = (options: object) => readonly Listed[];

/** The parameters that `actions` shows. Optional ones have a question mark. */
const paramsOf = ({ properties, required = [] }: NonNullable<Action["input"]>): object =>
  Object.fromEntries(Object.keys(properties).map((name) => [required.includes(name) ? name : `${name}?`, true]));

/** The shell completes names without any option, so names without their version are accepted too. */
export const completed =
  (list: List): List =>
  (options) => {
    const items = list(options).map((item) =>
      item.action?.input ? { ...item, action: { ...item.action, params: paramsOf(item.action.input) } } : item,
    );
    if (Object.keys(options).length > 0) return items;
    const short = ({ name, action }: Listed): Listed[] =>
      action && name.startsWith("v1.") ? [{ name, action: { ...action, name: name.slice("v1.".length) } }] : [];
    return [...items.flatMap(short), ...items];
  };

/** Shows a contract's error as its code and message. The shell prints stacks, which are wanted for bugs only. */
export function shown(error: unknown): unknown {
  const { type, code, message } = error as { type?: string; code?: number; message: string };
  return type ? Object.create(error as object, { stack: { value: `${type} (${code}): ${message}` } }) : error;
}

/** @param stop ends the process properly. One Ctrl-C or Ctrl-D is enough. */
export function openShell(broker: ServiceBroker, stop: () => void): REPLServer {
  const registry = broker.registry as unknown as { getActionList: List };
  registry.getActionList = completed(registry.getActionList.bind(registry));
  const call = broker.call.bind(broker);
  const stacks = Error.stackTraceLimit;
  const typed = Object.create(broker, {
    call: {
      value: async (...asked: Parameters<typeof call>) => {
        Error.stackTraceLimit = stacks;
        try {
          return await call(...asked);
        } catch (error) {
          throw shown(error);
        }
      },
    },
  }) as ServiceBroker;
  const repl = typed.repl() as unknown as REPLServer & { line: string; eval: (...typed: unknown[]) => unknown };
  const evaluate = repl.eval;
  // The shell would show a typing mistake with a stack, so stacks are removed until an action is called.
  repl.eval = function (...words) {
    Error.stackTraceLimit = 0;
    try {
      return evaluate.apply(this, words);
    } finally {
      Error.stackTraceLimit = stacks;
    }
  };
  for (const event of ["SIGINT", "exit"]) repl.removeAllListeners(event);
  repl.on("exit", stop);
  // The first Ctrl-C deletes the current line, as in a shell.
  repl.on("SIGINT", () => (repl.line === "" ? stop() : repl.write(null, { ctrl: true, name: "u" })));
  return repl;
}
