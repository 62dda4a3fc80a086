/**
 * Moleculer over NATS, with the sender in each subject: `MOL.<from>.REQ.<to>` instead of `MOL.REQ.<to>`. NATS lets the
 * user of a service publish under that service's name only, so no node can pretend to be another service. That costs a
 * few bytes per subject and no cryptography. Stock Moleculer nodes take part as guests: deploy/nats.conf maps their
 * subjects.
 */
import { Transporters } from "moleculer";
import type { ConnectionOptions, Msg } from "nats";
import { ANY } from "./topology.ts";
import { GUEST, guestServices, metaOfAnswer, namesOf, objection, type Payload } from "./trust.ts";

const PREFIX = "MOL.";
/** The most nodes of one service that are known at once, including those that left recently. */
const MOST_NODES = 200;
/** The limit in bytes. A node with all services announces a fourth of it. */
const LONGEST_INFO = 1_000_000;
/** The most names that one sender may announce, because Moleculer forgets none of them. */
const MOST_NAMES = 2000;

interface Packet {
  readonly type: string;
  readonly target?: string | null;
  readonly payload: Payload;
}
interface Node {
  readonly id: string;
  readonly available: boolean;
}
interface Nodes {
  get(id: string): Node | undefined;
  toArray(): readonly Node[];
  delete(id: string): void;
}
interface Transit {
  readonly pendingRequests: ReadonlyMap<unknown, { readonly nodeID: string }>;
}

export class GuardedNats extends Transporters.NATS {
  readonly #sender: string;
  readonly #objected = new Set<string>();
  readonly #names = new Map<string, Set<string>>();
  declare messageHandler: (command: string, packet: Packet) => unknown;

  /** @param sender the service of this node's NATS user */
  constructor({ sender, ...options }: ConnectionOptions & { readonly sender: string }) {
    super(options);
    this.#sender = sender;
  }

  override getTopicName(command: string, node?: string): string {
    return this.#subject(this.#sender, command, node);
  }

  override subscribe(command: string, node?: string): Promise<void> {
    this.client.subscribe(this.#subject("*", command, node), {
      callback: (error: Error | null, message: Msg) => {
        // A message with a reply subject is no packet. A client could make the NATS server answer to a packet's
        // subject.
        if (!error && !message.reply) this.#take(command, message);
      },
    });
    return Promise.resolve();
  }

  override publish(packet: Packet): Promise<void> {
    // A guest does not know the group in which its handlers are registered here.
    if (packet.type === "EVENT" && packet.target?.startsWith(`${GUEST}.`)) packet.payload.groups = null;
    return super.publish(packet as never);
  }

  #subject(from: string, command: string, node?: string): string {
    return `${PREFIX}${from}.${command}${node ? `.${node}` : ""}`;
  }

  #take(command: string, { subject, data }: Msg): void {
    const from = subject.slice(PREFIX.length, subject.indexOf(".", PREFIX.length));
    const packet = this.#read(command, data);
    const reason = packet ? this.#objection(from, command, packet.payload, data.length) : "is no packet";
    if (reason === null) this.messageHandler(command, packet!);
    else if (reason) this.#object(`A packet ${command} of ${from} ${reason}: it is dropped.`);
  }

  #read(command: string, { buffer, byteOffset, byteLength }: Uint8Array): Packet | null {
    try {
      return this.deserialize(command, Buffer.from(buffer, byteOffset, byteLength)) as Packet;
    } catch {
      return null;
    }
  }

  /** The objection to a packet; empty when it is dropped without a warning. */
  #objection(from: string, command: string, payload: Payload, size: number): string | null {
    if (payload?.ver !== this.broker.PROTOCOL_VERSION) return "has another protocol";
    // Moleculer's internal events concern one node only, although every node sends those of its circuit breakers to all
    // others.
    if (command === "EVENT" && typeof payload.event === "string" && payload.event.startsWith("$")) return "";
    const wrong = objection(from, command, payload);
    if (wrong) return wrong;
    const { sender, id } = payload as { sender: string; id?: unknown };
    const { pendingRequests } = this.transit as unknown as Transit;
    switch (command) {
      case "RES":
        payload.meta = metaOfAnswer(payload.meta);
        return (pendingRequests.get(id)?.nodeID ?? sender) === sender ? null : "answers for another";
      case "INFO":
        if (from === GUEST) payload.services = guestServices(payload.services as never);
        if (size > LONGEST_INFO || !this.#hasRoom(from, sender)) return "is one too many";
        return this.#hasNames(from, payload) ? null : "announces too many names";
      case "EVENT":
      case "PONG":
      case "DISCONNECT":
        return this.#nodes.get(sender) ? null : "";
      default:
        return null;
    }
  }

  get #nodes(): Nodes {
    return this.broker.registry.nodes;
  }

  /** A service may have a limited number of nodes. A node that left makes room. */
  #hasRoom(from: string, sender: string): boolean {
    if (this.#nodes.get(sender)) return true;
    const own = this.#nodes.toArray().filter(({ id }) => id.startsWith(`${from}.`));
    if (own.length < MOST_NODES) return true;
    const gone = own.find(({ available }) => !available);
    if (gone) this.#nodes.delete(gone.id);
    return gone !== undefined;
  }

  #hasNames(from: string, { services }: Payload): boolean {
    if (from === ANY) return true;
    const names = new Set([...(this.#names.get(from) ?? []), ...namesOf(services as never)]);
    if (names.size > MOST_NAMES) return false;
    this.#names.set(from, names);
    return true;
  }

  /** Warns once per sentence, because a sender of such packets may send many. */
  #object(sentence: string): void {
    if (this.#objected.has(sentence)) return;
    this.#objected.add(sentence);
    this.logger.warn(sentence);
  }
}
