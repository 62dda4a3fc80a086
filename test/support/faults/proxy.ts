/** A TCP proxy that makes the way to a server slow, silent or broken. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export class Proxy {
  readonly #target: number;
  readonly #host: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #delay = 0;
  #silent = false;

  private constructor(target: number, host: string) {
    this.#target = target;
    this.#host = host;
    this.#server = createServer({ noDelay: true }, (client) => this.#join(client));
  }

  /** @param target port on this machine; `host` and `port` are where the proxy listens */
  static async before(target: number, host = "127.0.0.1", port = 0): Promise<Proxy> {
    const proxy = new Proxy(target, host);
    proxy.#server.listen(port, host);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The same address by way of this proxy. */
  urlOf(url: string): string {
    return url.replace(/127\.0\.0\.1:\d+(?=\/|$)/, `${this.#host}:${this.port}`);
  }

  /** @param milliseconds that every byte takes longer, either way */
  delay(milliseconds: number): void {
    this.#delay = milliseconds;
  }

  /** Bytes go in and never come out; connections stay open. */
  blackHole(): void {
    this.#silent = true;
  }

  /** Cuts all connections as a firewall does (RST). */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** As if nothing had been; connections that lost bytes are cut, as they could never recover. */
  heal(): void {
    if (this.#silent) this.reset();
    this.#silent = false;
    this.#delay = 0;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.reset();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const server = connect({ port: this.#target, host: "127.0.0.1", noDelay: true });
    this.#pass(client, server);
    this.#pass(server, client);
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    // One after the other, also when the delay changes.
    let way = Promise.resolve();
    from.on("data", (bytes) => {
      if (this.#silent) return;
      const due = this.#delay > 0 ? sleep(this.#delay) : null;
      way = way.then(() => due).then(() => void to.write(bytes));
    });
    from.on("error", () => {});
    from.once("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
