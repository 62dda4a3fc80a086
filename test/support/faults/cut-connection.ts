/** A connection to a server that a test can cut, so that its user must reconnect. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class CutConnection {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isDown = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async before(port: number): Promise<CutConnection> {
    const server = createServer();
    const line = new CutConnection(server);
    server.on("connection", (near) => {
      if (line.#isDown) {
        near.destroy();
        return;
      }
      const far = connect(port, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        line.#sockets.add(from);
        from.on("error", () => to.destroy()).once("close", () => line.#sockets.delete(from));
        from.pipe(to);
      }
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return line;
  }

  /** The address of the same server, by way of this line. */
  through(address: string): string {
    const url = new URL(address);
    url.port = String((this.#server.address() as { port: number }).port);
    return url.href;
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Resets every connection, and lets nobody through until `up`. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  up(): void {
    this.#isDown = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
  }
}
