/** A network of its own for one node, with a bridge that can be broken: packets vanish, connections stay open. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { getuid } from "node:process";
import { isAlive } from "#mixins/node/alive.ts";

const ip = (...args: readonly string[]) => execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });

let networks = 0;

/** A test run that was killed leaves its networks behind, and a later process may get its id. */
function removeLeftBehind(): void {
  if (!existsSync("/run/netns")) return;
  for (const name of readdirSync("/run/netns")) {
    const pid = Number(/^mad-(\d+)-\d+$/.exec(name)?.[1]);
    if (pid === process.pid || (pid && !isAlive(pid))) ip("netns", "del", name);
  }
}

/** Null where this process may not create networks; the reason is printed. */
export function isolatedNetwork(): IsolatedNetwork | null {
  if (getuid?.() === 0) {
    if (networks === 0) removeLeftBehind();
    return new IsolatedNetwork();
  }
  process.stdout.write("Not root: a node cannot be cut off by a network namespace here, so that part is skipped.\n");
  return null;
}

export class IsolatedNetwork {
  readonly #name = `mad-${process.pid}-${(networks += 1)}`;
  readonly #bridge = `mad${process.pid % 100_000}h${networks}`;
  /** Private addresses; the third part keeps two test runs apart. */
  readonly #net = `10.213.${(process.pid + networks) % 250}`;

  constructor() {
    const inner = this.#bridge.replace("h", "n");
    ip("netns", "add", this.#name);
    ip("link", "add", this.#bridge, "type", "veth", "peer", "name", inner);
    ip("link", "set", inner, "netns", this.#name);
    ip("addr", "add", `${this.#net}.1/24`, "dev", this.#bridge);
    ip("link", "set", this.#bridge, "up");
    ip("-n", this.#name, "addr", "add", `${this.#net}.2/24`, "dev", inner);
    ip("-n", this.#name, "link", "set", inner, "up");
    ip("-n", this.#name, "link", "set", "lo", "up");
  }

  /** Where processes in this network reach the machine. */
  get hostAddress(): string {
    return `${this.#net}.1`;
  }

  /** What runs a command in this network. */
  get command(): readonly string[] {
    return ["ip", "netns", "exec", this.#name];
  }

  cut(): void {
    ip("link", "set", this.#bridge, "down");
  }

  join(): void {
    ip("link", "set", this.#bridge, "up");
  }

  remove(): void {
    ip("netns", "del", this.#name);
  }
}
