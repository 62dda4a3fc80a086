/** The steps of a call to its action and back, prepared once per method. */
import type { DescMethod, FileRegistry, Message } from "@bufbuild/protobuf";
import type { ServiceBroker } from "moleculer";
import { sharedError } from "#core/errors.ts";
import { acceptor } from "#core/validation.ts";
import { Count } from "#mixins/gateway/admission.ts";
import { bodyLimit } from "#mixins/gateway/body-limit.ts";
import { admit, type Admitted, callingOptions, type Entrance, tellSender } from "#mixins/gateway/caller.ts";
import { idempotencyKey, keyRuleOf } from "#mixins/gateway/key.ts";
import type { LiveItem, LiveItems, LiveStreams } from "#mixins/gateway/live.ts";
import type { Accepted } from "#mixins/middlewares/contract.middleware.ts";
import { bytesOf, type Fields, inputOf, outputOf, parserOf } from "./codec.ts";
import type { Incoming } from "./incoming.ts";
import type { ProtoFile, ProtoMethod } from "./proto.model.ts";
import { typedItems } from "./typed-item.ts";

export interface Shared extends Entrance {
  readonly broker: ServiceBroker;
  readonly live: LiveStreams;
  readonly registry: FileRegistry;
}

type Options = ReturnType<typeof callingOptions> & Accepted;

/** A call that may be made. */
interface Asked extends Admitted {
  readonly input: Fields;
  readonly options: Options;
}

/** What a stream needs beside its wire. */
type Source = Parameters<LiveStreams["open"]>[1];

/** The request as a message, read once the caller may ask. @throws MALFORMED_REQUEST, PAYLOAD_TOO_LARGE */
type Read = () => Message;

export interface Plan {
  /** As `madang.order.v1.OrderService/Create`. */
  readonly name: string;
  readonly method: DescMethod;
  readonly isStream: boolean;
  /** Bytes of the largest request. */
  readonly largest: number;
  /** @throws every failure that the client must see */
  answer(incoming: Incoming, read: Read): Promise<Message>;
  /** @throws the same */
  source(incoming: Incoming, read: Read): Promise<Source>;
  /** @throws MALFORMED_REQUEST, PAYLOAD_TOO_LARGE */
  readonly parse: (bytes: Buffer) => Message;
  /** Of an answer, or of an item of a stream. */
  readonly message: (value: unknown) => Message;
  readonly bytes: (message: Message) => Buffer;
}

export function planOf(
  { broker, registry, ...entrance }: Shared,
  file: ProtoFile,
  { name, ...rest }: ProtoMethod,
): Plan {
  const { contract, package: own, service } = file;
  const { definition, action } = rest;
  const { auth, limit, live = false, seenByStaff = false } = definition;
  const target = `v${contract.version}.${contract.name}.${action}`;
  const method = registry.getService(`${own}.${service}`)!.methods.find((one) => one.name === name)!;
  const accept = acceptor(definition.input);
  const keyRule = keyRuleOf(definition);
  const largest = bodyLimit(definition);
  const inputFrom = inputOf(method.input, definition.input);
  const parse = parserOf(method.input);
  const write = outputOf(method.output);
  const typed = live ? typedItems(contract, definition) : undefined;
  const message = typed ? (item: unknown) => write(typed(item as LiveItem)) : write;

  const ask = async (incoming: Incoming, read: Read): Promise<Asked> => {
    const { address, language } = incoming;
    const authorization = incoming.header("authorization");
    const admitted = await admit(entrance, new Count(address), { auth, seenByStaff, of: target, limit, authorization });
    const request = read();
    const key = idempotencyKey(incoming.header("idempotency-key"), keyRule);
    const options: Options = callingOptions(incoming, admitted.token, key);
    if (limit !== undefined) tellSender(options.meta, address, incoming.header("user-agent"));
    return { ...admitted, input: accept(inputFrom(request), language) as Fields, options };
  };

  return {
    name: `${own}.${service}/${name}`,
    method,
    isStream: live,
    largest,
    message,
    bytes: (one) => bytesOf(method.output, one),
    parse(bytes) {
      if (bytes.length > largest) throw sharedError("PAYLOAD_TOO_LARGE", { limit: largest });
      return parse(bytes);
    },
    async answer(incoming, read) {
      const { input, options } = await ask(incoming, read);
      options.accepted = definition.input;
      const { timeLeft } = incoming;
      // The broker gives an attempt no more than the contract and the client leave it.
      if (timeLeft !== undefined) options.timeout = timeLeft;
      try {
        return message(await broker.call(target, input, options));
      } finally {
        // A stored answer may also be a refusal.
        incoming.isReplayed = options.meta["$replayed"] === true;
      }
    },
    async source(incoming, read) {
      const { input, options, token, caller } = await ask(incoming, read);
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
