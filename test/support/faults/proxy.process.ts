/** Runs a proxy in a process of its own: a test that is busy must not slow the connection down by itself. */
import { Proxy } from "./proxy.ts";

export interface ProxyCommand {
  readonly reset?: true;
  readonly blackHole?: true;
  readonly heal?: true;
  /** Milliseconds. */
  readonly delay?: number;
}

const [target, host] = process.argv.slice(2);
const proxy = await Proxy.before(Number(target), host);
process.on("message", ({ reset, blackHole, heal, delay }: ProxyCommand) => {
  if (reset) proxy.reset();
  if (blackHole) proxy.blackHole();
  if (heal) proxy.heal();
  if (delay) proxy.delay(delay);
});
process.on("disconnect", () => process.exit());
process.send!(proxy.urlOf(`127.0.0.1:${target}`));
