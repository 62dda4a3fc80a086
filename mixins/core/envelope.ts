/** What a durable event looks like on its way: the names of CloudEvents 1.0 where they exist. */
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
