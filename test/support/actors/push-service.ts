/** A push service with one browser, which reads what arrives as RFC 8291 says. */
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

const derive = (key: Buffer, salt: Buffer, info: Buffer | string, length: number) =>
  Buffer.from(hkdfSync("sha256", key, salt, info, length));

export class PushService {
  readonly received: { readonly headers: IncomingHttpHeaders; readonly body: Buffer; readonly path: string }[] = [];
  /** Statuses of the next answers; 201 when there are none. */
  answers: number[] = [];
  readonly #server: Server;
  readonly #browser = createECDH("prime256v1");
  readonly #auth = randomBytes(16);

  constructor() {
    this.#browser.generateKeys();
    this.#server = createServer((req, res) => void this.#serve(req, res));
  }

  async start(): Promise<this> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the browser sends to us. */
  subscription(name: string) {
    const keys = { p256dh: this.#browser.getPublicKey("base64url"), auth: this.#auth.toString("base64url") };
    return { endpoint: `${this.origin}/${name}`, keys };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req);
    this.received.push({ headers: req.headers, body, path: req.url! });
    res.writeHead(this.answers.shift() ?? 201).end();
  }

  /** @throws when the message is not for this browser */
  read(body: Buffer): unknown {
    const [salt, length] = [body.subarray(0, 16), body[20]!];
    const [sender, record] = [body.subarray(21, 21 + length), body.subarray(21 + length)];
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.#browser.getPublicKey(), sender]);
    const shared = derive(this.#browser.computeSecret(sender), this.#auth, info, 32);
    const key = derive(shared, salt, "Content-Encoding: aes128gcm\0", 16);
    const decipher = createDecipheriv("aes-128-gcm", key, derive(shared, salt, "Content-Encoding: nonce\0", 12));
    decipher.setAuthTag(record.subarray(-16));
    const plain = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
    if (plain.at(-1) !== 2) throw new Error("The record is not the last one.");
    return JSON.parse(plain.subarray(0, -1).toString());
  }
}
