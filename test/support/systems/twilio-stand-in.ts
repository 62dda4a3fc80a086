/**
 * A stand-in for Twilio's API of text messages (www.twilio.com/docs/messaging/api/message-resource): it keeps what it was sent,
 * lists it, refuses what a spec tells it to, and signs its reports.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { signatureOf } from "../../../services/notification/twilio.model.ts";

const TOKEN = "token-of-the-stand-in";

/** The message is kept though its answer is lost, or a request is refused with this status and code. */
type Fault = "lost" | readonly [status: number, code: number];

export class TwilioStandIn {
  readonly messages: { sid: string; to: string; from: string; body: string; callback: string; date_created: string }[] =
    [];
  readonly requests: string[] = [];
  faults: Fault[] = [];
  readonly #server: Server = createServer((req, res) => void this.#serve(req, res));
  #port = 0;

  async start(): Promise<this> {
    await once(this.#server.listen(this.#port, "127.0.0.1"), "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** As a setting names it. */
  get account(): string {
    return `http://AC1:${TOKEN}@127.0.0.1:${this.#port}?from=%2B15550001111`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A report about its only message to this number. */
  report(to: string, fields: Record<string, string>) {
    const { callback, sid } = this.messages.find((one) => one.to === to)!;
    const body = new URLSearchParams({ MessageSid: sid, ...fields });
    const [provider, id] = new URL(callback).pathname.split("/").slice(-2) as [string, string];
    const headers = { "x-twilio-signature": signatureOf(TOKEN, callback, body) };
    return { provider, id, headers, body: body.toString() };
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    this.requests.push(req.method!);
    const say = (status: number, answer: object) =>
      res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    if (req.headers.authorization !== `Basic ${btoa(`AC1:${TOKEN}`)}`) return void say(401, { code: 20003 });
    const url = new URL(req.url!, "http://twilio");
    if (req.method === "GET") {
      const messages = this.messages.filter(({ to }) => to === url.searchParams.get("To"));
      return void say(200, { messages });
    }
    const fields = new URLSearchParams(await text(req));
    const fault = this.faults.shift();
    if (Array.isArray(fault)) return void say(fault[0], { code: fault[1] });
    const [to, from, body, callback] = ["To", "From", "Body", "StatusCallback"].map((name) => fields.get(name) ?? "");
    const sid = `SM${this.messages.length}`;
    this.messages.push({
      sid,
      to: to!,
      from: from!,
      body: body!,
      callback: callback!,
      date_created: new Date().toUTCString(),
    });
    if (fault === "lost") return void req.socket.destroy();
    say(201, { sid, status: "queued" });
  }
}
