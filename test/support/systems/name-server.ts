/** A DNS server for one name, whose addresses a spec changes as containers come and go (RFC 1035). */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const [A, IN] = [1, 1];
/** Seconds. */
const TTL = 1;

export class NameServer {
  /** IPv4 addresses of every name that is asked for. */
  addresses: readonly string[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (query, { port, address }) => socket.send(this.#answer(query), port, address));
  }

  static async start(): Promise<NameServer> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new NameServer(socket);
  }

  /** With its port. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  close(): void {
    this.#socket.close();
  }

  #answer(query: Buffer): Buffer {
    const end = query.indexOf(0, 12) + 5;
    const question = query.subarray(12, end);
    const isAddress = question.readUInt16BE(question.length - 4) === A;
    const records = isAddress ? this.addresses.map(record) : [];
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    // An answer, with authority, as it was wanted: recursive.
    head.writeUInt16BE(0x85_80, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    return Buffer.concat([head, question, ...records]);
  }
}

/** With a pointer to the name of the question. */
function record(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(0xc0_0c, 0);
  bytes.writeUInt16BE(A, 2);
  bytes.writeUInt16BE(IN, 4);
  bytes.writeUInt32BE(TTL, 6);
  bytes.writeUInt16BE(4, 10);
  bytes.set(address.split(".").map(Number), 12);
  return bytes;
}
