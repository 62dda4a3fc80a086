/** The envelope of a durable event, and its check on arrival. The names follow CloudEvents 1.0 where that has one. */
import Type from "typebox";
import { Compile } from "typebox/compile";

/** A durable event, as its publisher made it. */
export interface Envelope<Data = unknown> {
  /** A UUIDv7. A subscriber handles each id once. */
  readonly id: string;
  /** `<service>.<event>`. */
  readonly type: string;
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** The service that made it. */
  readonly source: string;
  /** The aggregate that the event is about, as `<kind>:<id>`. Events of one subject are delivered in order. */
  readonly subject: string;
  /** The id of the request that started everything. */
  readonly correlationId: string;
  /** The event or call that caused this one. */
  readonly causationId: string;
  readonly data: Data;
}

/** U+0000 is refused: no database can store it, so such an event would be delivered again for ever. */
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "^[^\\u0000]+$" });

const shape = Compile(
  Type.Object({
    id: text(64),
    type: text(128),
    version: Type.Integer(),
    time: text(64),
    source: text(64),
    subject: text(256),
    correlationId: text(256),
    causationId: text(256),
    data: Type.Unknown(),
  }),
);

/** True for an event that can be stored. Only its handlers know the shape of its data. */
export const isEnvelope = (value: unknown): value is Envelope => shape.Check(value);
