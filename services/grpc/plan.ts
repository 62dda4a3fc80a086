/** The steps of a call to its action and back, prepared once per method. */
import type { FileRegistry } from "@bufbuild/protobuf";
import type { ServiceBroker } from "moleculer";
import { sharedError } from "#core/errors.ts";
import { acceptor } from "#core/validation.ts";
import { Count } from "#mixins/gateway/admission.ts";
import { bodyLimit } from "#mixins/gateway/body-limit.ts";
import { admit, type Admitted, callingOptions, type Entrance } from "#mixins/gateway/caller.ts";
import { idempotencyKey, keyRuleOf } from "#mixins/gateway/key.ts";
import type { LiveItems, LiveStreams } from "#mixins/gateway/live.ts";
import type { Accepted } from "#mixins/middlewares/contract.middleware.ts";
import { decoderOf, encoderOf } from "./codec.ts";
import type { Incoming } from "./incoming.ts";
import type { ProtoFile, ProtoMethod } from "./proto.model.ts";

export interface Shared extends Entrance {
  readonly broker: ServiceBroker;
  readonly live: LiveStreams;
  readonly registry: FileRegistry;
}

type Options = ReturnType<typeof callingOptions> & Accepted;

/** A call that may be made. */
interface Asked extends Admitted {
  readonly input: Record<string, unknown>;
  readonly options: Options;
}

/** What a stream needs beside its wire. */
type Source = Parameters<LiveStreams["open"]>[1];

export interface Plan {
  /** As `madang.order.v1.OrderService/Create`. */
  readonly name: string;
  readonly isStream: boolean;
  /** @throws every failure that the client must see */
  answer(incoming: Incoming, bytes: Buffer): Promise<Buffer>;
  /** @throws the same */
  source(incoming: Incoming, bytes: Buffer): Promise<Source>;
  readonly encode: (item: unknown) => Buffer;
}

export function planOf({ broker, registry, ...entrance }: Shared, file: ProtoFile, method: ProtoMethod): Plan {
  const { contract, package: own, service } = file;
  const { definition, action } = method;
  const { auth, limit, live = false } = definition;
  const target = `v${contract.version}.${contract.name}.${action}`;
  const decode = decoderOf(registry.getMessage(method.request)!, definition.input);
  const encode = encoderOf(registry.getMessage(method.response)!);
  const accept = acceptor(definition.input);
  const keyRule = keyRuleOf(definition);
  const largest = bodyLimit(definition);

  const ask = async (incoming: Incoming, bytes: Buffer): Promise<Asked> => {
    const count = new Count(incoming.address);
    const admitted = await admit(entrance, count, {
      auth,
      of: target,
      limit,
      authorization: incoming.header("authorization"),
    });
    if (bytes.length > largest) throw sharedError("PAYLOAD_TOO_LARGE", { limit: largest });
    const { language } = incoming;
    const key = idempotencyKey(incoming.header("idempotency-key"), keyRule);
    const options: Options = callingOptions(incoming, admitted.token, key);
    if (limit !== undefined) options.meta.network = incoming.address;
    return { ...admitted, input: accept(decode(bytes), language) as Record<string, unknown>, options };
  };

  return {
    name: `${own}.${service}/${method.name}`,
    isStream: live,
    encode,
    async answer(incoming, bytes) {
      const { input, options } = await ask(incoming, bytes);
      options.accepted = definition.input;
      const { timeLeft } = incoming;
      // The broker gives an attempt no more than the contract and the client leave it.
      if (timeLeft !== undefined) options.timeout = timeLeft;
      try {
        return encode(await broker.call(target, input, options));
      } finally {
        // A stored answer may also be a refusal.
        incoming.isReplayed = options.meta["$replayed"] === true;
      }
    },
    async source(incoming, bytes) {
      const { input, options, token, caller } = await ask(incoming, bytes);
      const { id = "", after } = input as { id?: string; after?: number };
      return {
        subject: `${contract.name}:${id}`,
        holder: caller?.id ?? incoming.address,
        token,
        after,
        pull: (from) => broker.call<LiveItems, unknown>(target, { ...input, after: from }, options),
      };
    },
  };
}
