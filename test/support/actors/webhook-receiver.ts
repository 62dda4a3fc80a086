/** A merchant's system that is told of events: it keeps what it was sent, and answers as a spec wishes. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

type Answer = (attempt: number) => { status: number; headers?: Record<string, string> } | "never";

export class WebhookReceiver {
  readonly received: Received[] = [];
  readonly #server: Server;
  answer: Answer = () => ({ status: 204 });

  private constructor() {
    this.#server = createServer((req, res) => {
      const parts: Buffer[] = [];
      req.on("data", (part: Buffer) => parts.push(part));
      req.on("end", () => {
        this.received.push({ headers: req.headers, body: Buffer.concat(parts).toString(), path: req.url! });
        const answer = this.answer(this.received.length);
        if (answer !== "never") res.writeHead(answer.status, answer.headers).end();
      });
    });
  }

  static async open(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => void receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => void this.#server.close(resolve));
  }
}

/** What it says, once the library of standardwebhooks.com has checked its signature. @throws when it is wrong */
export const verified = (secret: string, { headers, body }: Received): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);
