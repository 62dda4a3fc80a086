/** Calls over gRPC itself. No call can make a function of this file throw. */
import {
  Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
  type StatusObject,
} from "@grpc/grpc-js";
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { now } from "#core/clock.ts";
import { bytesOf } from "./codec.ts";
import type { Gateway } from "./gateway.ts";
import { addressOf, type Call, Incoming } from "./incoming.ts";
import { MessageStream } from "./message-stream.ts";
import type { Plan } from "./plan.ts";
import { rpc } from "./standard.descriptors.ts";
import type { Failure } from "./status.ts";

export type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
export type StreamCall = ServerWritableStream<Buffer, Buffer>;

/** `203.0.113.2:40001`; an IPv6 address is not in brackets, so the port can be told from it by its place alone. */
const withoutPort = (peer: string): string => peer.replace(/:\d+$/, "");

/** Connections by their names. An address is read once for all calls of its connection. */
const REMEMBERED = 1000;
const peers = new Map<string, Call["peer"]>();

function peerOf(name: string): Call["peer"] {
  const known = peers.get(name);
  if (known) return known;
  if (peers.size >= REMEMBERED) peers.clear();
  const peer = { remoteAddress: withoutPort(name) };
  peers.set(name, peer);
  return peer;
}

class NativeCall implements Call {
  readonly #call: UnaryCall | StreamCall;

  constructor(call: UnaryCall | StreamCall) {
    this.#call = call;
  }

  header(name: string): string | undefined {
    const [value] = this.#call.metadata.get(name);
    return typeof value === "string" ? value : undefined;
  }

  get peer(): Call["peer"] {
    return peerOf(this.#call.getPeer());
  }

  get timeLeft(): number | undefined {
    const deadline = this.#call.getDeadline();
    return deadline === Infinity ? undefined : Math.max(Number(deadline) - now(), 1);
  }
}

export const addressOfCall = (call: UnaryCall | StreamCall): string => addressOf(new NativeCall(call));

function metadataOf({ answerHeaders }: Incoming): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of answerHeaders) metadata.set(name, value);
  return metadata;
}

function statusObject({ code, message, details }: Failure, incoming: Incoming): StatusObject {
  const packed = details.map(({ desc, value }) => anyPack(desc, create(desc, value as never)));
  const metadata = metadataOf(incoming);
  metadata.set("grpc-status-details-bin", bytesOf(rpc.Status, create(rpc.Status, { code, message, details: packed })));
  return { code, details: message, metadata };
}

/** Answers one call. */
export async function answer(
  gateway: Gateway,
  plan: Plan,
  call: UnaryCall,
  done: sendUnaryData<Buffer>,
): Promise<void> {
  const incoming = new Incoming(new NativeCall(call));
  try {
    const bytes = plan.bytes(await plan.answer(incoming, () => plan.parse(call.request)));
    call.sendMetadata(metadataOf(incoming));
    done(null, bytes);
    gateway.record(plan, incoming, status.OK);
  } catch (error) {
    const failure = gateway.failureOf(plan, incoming, error);
    done(statusObject(failure, incoming));
    gateway.record(plan, incoming, failure.code);
  }
}

/** Opens a live stream. */
export function stream(gateway: Gateway, plan: Plan, call: StreamCall): void {
  const incoming = new Incoming(new NativeCall(call));
  const wire = new MessageStream(call, {
    metadata: () => metadataOf(incoming),
    encode: (item) => plan.bytes(plan.message(item)),
    statusOf: (reason) => statusObject(gateway.failureOf(plan, incoming, reason), incoming),
    ended: (code) => gateway.record(plan, incoming, code),
  });
  plan
    .source(incoming, () => plan.parse(call.request))
    .then((source) => gateway.live.open(wire, source))
    .catch((error: unknown) => wire.end(error));
}
