/**
 * All nodes send their heartbeats at the same moment, so that each wakes up once for the heartbeats of all others.
 * Moleculer spreads them, and then every node wakes up for every other one: a hundred times a second for a hundred
 * nodes that have nothing to do.
 */
import { cpus } from "node:os";
import { Discoverers } from "moleculer";
import { now } from "#core/clock.ts";

/** Ticks of all processors since the system started, and those of them without work. */
function processorTime(): { readonly all: number; readonly idle: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (ticks: readonly number[]) => ticks.reduce((total, one) => total + one, 0);
  return { all: sum(times.flatMap((one) => Object.values(one))), idle: sum(times.map(({ idle }) => idle)) };
}

/** What a heartbeat says of its node. */
interface Life {
  readonly cpu: number | null;
  /** Counts the changes of its services. */
  readonly seq: number;
  readonly instanceID: string;
}

export class SimultaneousHeartbeats extends Discoverers.Local {
  declare readonly opts: { readonly heartbeatInterval: number };
  #before = { all: 0, idle: 0 };

  override startHeartbeatTimers(): void {
    super.startHeartbeatTimers();
    // There is no timer where the transporter has heartbeats of its own.
    if (this.heartbeatTimer) this.#wait();
  }

  /** Waits until the clock, which nodes on several machines share well enough, shows a multiple of the interval. */
  #wait(): void {
    clearInterval(this.heartbeatTimer);
    const interval = this.opts.heartbeatInterval * 1000;
    const left = interval - (now() % interval);
    const beat = () => {
      this.#wait();
      void this.beat();
    };
    // A timer may ring some milliseconds early, and that moment has had its heartbeat.
    this.heartbeatTimer = setTimeout(beat, left < interval / 10 ? left + interval : left).unref();
  }

  /** Moleculer's own wakes up two more times to measure how busy the processors are. */
  override async beat(): Promise<void> {
    await this.localNode!.updateLocalInfo(async () => ({ avg: 100 * this.#busy() }));
    await this.sendHeartbeat();
  }

  /**
   * Moleculer's says how busy the node is, and no more. When the news of a node's services was lost, because it or its receiver was cut
   * off just then, the receiver would go on without them for ever: from the count it sees that it missed something, and asks.
   */
  override async sendHeartbeat(): Promise<void> {
    const { cpu, seq, instanceID } = this.localNode as unknown as Life;
    const packet = { type: "HEARTBEAT", target: null, payload: { cpu, seq, instanceID } };
    await this.transit
      ?.publish(packet as never)
      .catch((error: Error) => this.logger.error("Unable to send HEARTBEAT packet.", error));
  }

  /** The share of the processors' time since the last heartbeat. */
  #busy(): number {
    const before = this.#before;
    const { all, idle } = (this.#before = processorTime());
    return all > before.all ? 1 - (idle - before.idle) / (all - before.all) : 0;
  }
}
