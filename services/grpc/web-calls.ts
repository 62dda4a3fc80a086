/** The methods as handlers of gRPC-Web and Connect. */
import type { IncomingMessage } from "node:http";
import { status } from "@grpc/grpc-js";
import type { Message } from "@bufbuild/protobuf";
import { ConnectError, createConnectRouter, createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { LONGEST_TIMER } from "#core/config.ts";
import type { Gateway } from "./gateway.ts";
import { type Call, Incoming } from "./incoming.ts";
import type { Plan } from "./plan.ts";
import type { Failure } from "./status.ts";
import { WebStream } from "./web-stream.ts";

/** A request, of which Connect shows methods the headers alone. */
export interface Visit {
  readonly req: IncomingMessage;
  /** False while no method has it: one that cannot be read never gets there. */
  hasArrived: boolean;
}

export const visitKey = createContextKey<Visit | undefined>(undefined);

const visitOf = ({ values }: HandlerContext): Visit => values.get(visitKey)!;

function incomingOf(context: HandlerContext): Incoming {
  const visit = visitOf(context);
  visit.hasArrived = true;
  const call: Call = {
    header: (name) => context.requestHeader.get(name) ?? undefined,
    peer: visit.req.socket,
    get timeLeft() {
      const left = context.timeoutMs();
      return left === undefined ? undefined : Math.max(left, 1);
    },
  };
  return new Incoming(call);
}

const tell = ({ responseHeader }: HandlerContext, { answerHeaders }: Incoming): void =>
  answerHeaders.forEach(([name, value]) => responseHeader.set(name, value));

/** The codes of both are those of gRPC. */
const errorOf = ({ code, message, details }: Failure): ConnectError =>
  new ConnectError(message, code as number, undefined, [...details]);

const unary = (gateway: Gateway, plan: Plan) => async (request: Message, context: HandlerContext) => {
  const incoming = incomingOf(context);
  try {
    const answer = await plan.answer(incoming, () => request);
    gateway.record(plan, incoming, status.OK);
    return answer;
  } catch (error) {
    const failure = gateway.failureOf(plan, incoming, error);
    gateway.record(plan, incoming, failure.code);
    throw errorOf(failure);
  } finally {
    tell(context, incoming);
  }
};

const stream = (gateway: Gateway, plan: Plan) =>
  async function* items(request: Message, context: HandlerContext): AsyncGenerator<Message> {
    const incoming = incomingOf(context);
    tell(context, incoming);
    const { signal } = context;
    const wire = new WebStream(signal, () => visitOf(context).req.socket.destroy());
    let code = status.CANCELLED;
    try {
      await gateway.live.open(wire, await plan.source(incoming, () => request));
      for await (const item of wire.items()) yield plan.message(item);
      code = status.OK;
    } catch (error) {
      // Whoever has left is told nothing; whose deadline has passed is told so.
      const failure = signal.aborted
        ? ConnectError.from(signal.reason)
        : errorOf(gateway.failureOf(plan, incoming, error));
      code = failure.code as number;
      throw failure;
    } finally {
      wire.close();
      gateway.record(plan, incoming, code);
    }
  };

/** By path. Each reads no more than its contract allows, and no field that it does not know. */
export function handlersOf(gateway: Gateway): ReadonlyMap<string, UniversalHandler> {
  const router = createConnectRouter();
  for (const plan of gateway.plans) {
    const handler = (plan.isStream ? stream : unary)(gateway, plan);
    router.rpc(
      plan.method,
      handler as never,
      {
        // It would need HTTP/2, and has a port of its own.
        grpc: false,
        readMaxBytes: plan.largest,
        maxTimeoutMs: LONGEST_TIMER,
        jsonOptions: { ignoreUnknownFields: false },
      } as object,
    );
  }
  return new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
}
