/** What a durable event looks like on its way, and what is taken for one: the names of CloudEvents 1.0 where they exist. */
import Type from "typebox";
import { Compile } from "typebox/compile";

/** As its publisher made it. */
export interface Envelope<Data = unknown> {
  /** UUIDv7; a subscriber takes effect once per id. */
  readonly id: string;
  /** `<service>.<event>`. */
  readonly type: string;
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** The service that made it. */
  readonly source: string;
  /** The aggregate it is about, `<kind>:<id>`; order is kept per subject. */
  readonly subject: string;
  /** The request that began it all. */
  readonly correlationId: string;
  /** The event or call that caused this one. */
  readonly causationId: string;
  readonly data: Data;
}

/** No database of ours takes U+0000, and what cannot be stored would come again for ever. */
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

/** True for what can be stored as an event; what its data is, only its handlers know. */
export const isEnvelope = (value: unknown): value is Envelope => shape.Check(value);
