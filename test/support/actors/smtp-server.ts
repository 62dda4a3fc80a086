/** A mail server: as much of RFC 5321 as one client needs. It keeps what it takes. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createInterface } from "node:readline";

export class SmtpServer {
  readonly received: string[] = [];
  /** The answers to the next recipients; it accepts those who come after them. */
  answers: string[] = [];
  readonly #server = createServer((socket) => this.#serve(socket));

  async start(): Promise<this> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return this;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    let mail: string[] | null = null;
    const say = (reply: string) => socket.write(`${reply}\r\n`);
    say("220 spec");
    socket.on("error", () => socket.destroy());
    createInterface({ input: socket, crlfDelay: Infinity }).on("line", (line) => {
      if (mail && line !== ".") mail.push(line);
      else if (mail) {
        this.received.push(mail.join("\r\n"));
        mail = null;
        say("250 kept");
      } else if (line.startsWith("RCPT")) say(this.answers.shift() ?? "250 fine");
      else if (line === "DATA") {
        mail = [];
        say("354 go on");
      } else if (line === "QUIT") socket.end("221 bye\r\n");
      else say("250 fine");
    });
  }
}
