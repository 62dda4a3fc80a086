/**
 * The shapes of Moleculer's packets. Moleculer does not check them: a wrong type fails somewhere inside and harms
 * everybody on the node, and a stream that is never ended is kept for ever. No action here uses streams.
 */
import Type, { type TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";

const maybe = (schema: TSchema) => Type.Optional(Type.Union([schema, Type.Null()]));
const Name = Type.String({ maxLength: 255 });
const Fields = Type.Object({});
const Services = Type.Array(Type.Object({ name: Name, fullName: Name, metadata: maybe(Fields) }), { maxItems: 1000 });

const whole = { stream: maybe(Type.Literal(false)), seq: maybe(Type.Literal(0)) };
const context = {
  meta: maybe(Fields),
  headers: maybe(Fields),
  level: maybe(Type.Number()),
  requestID: maybe(Name),
  parentID: maybe(Name),
  caller: maybe(Name),
};

const shapes: Readonly<Record<string, TSchema>> = {
  REQ: Type.Object({ id: Name, action: Name, timeout: maybe(Type.Number()), ...context, ...whole }),
  RES: Type.Object({ id: Name, success: Type.Boolean(), error: maybe(Fields), meta: maybe(Fields), ...whole }),
  EVENT: Type.Object({ event: Name, groups: maybe(Type.Array(Name, { maxItems: 100 })), ...context }),
  INFO: Type.Object({
    services: Services,
    seq: maybe(Type.Number()),
    instanceID: maybe(Name),
    hostname: maybe(Name),
    ipList: maybe(Type.Array(Name, { maxItems: 100 })),
    metadata: maybe(Fields),
    client: maybe(Fields),
    config: maybe(Fields),
  }),
  HEARTBEAT: Type.Object({
    cpu: maybe(Type.Number()),
    cpuSeq: maybe(Type.Number()),
    seq: maybe(Type.Number()),
    instanceID: maybe(Name),
  }),
  PING: Type.Object({ id: maybe(Name), time: maybe(Type.Number()) }),
  PONG: Type.Object({ id: maybe(Name), time: Type.Number(), arrived: Type.Number() }),
};

const validators: ReadonlyMap<string, Validator> = new Map(
  Object.entries(shapes).map(([command, shape]) => [command, Compile(shape)]),
);

/** @param command of Moleculer's protocol, such as `INFO` */
export const isFormed = (command: string, payload: unknown): boolean => validators.get(command)?.Check(payload) ?? true;
