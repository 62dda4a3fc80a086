/**
 * Durable events as CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec), so that programs in any language read them
 * from the broker without code of ours.
 */
import { type Envelope, isEnvelope } from "#core/envelope.ts";

/** Names that CloudEvents does not know are extensions, which it wants in lower case. */
export const toCloudEvent = ({ version, correlationId, causationId, data, ...event }: Envelope): object => ({
  specversion: "1.0",
  id: event.id,
  source: event.source,
  type: event.type,
  subject: event.subject,
  time: event.time,
  datacontenttype: "application/json",
  eventversion: version,
  correlationid: correlationId,
  causationid: causationId,
  data,
});

/** Null for a text that is no event of ours. It also reads the form in which events travelled before. */
export function fromCloudEvent(text: string): Envelope | null {
  try {
    const { specversion, eventversion, correlationid, causationid, ...rest } = JSON.parse(text) as Record<
      string,
      unknown
    >;
    const { id, type, time, source, subject, data } = rest;
    const event =
      specversion === "1.0"
        ? {
            id,
            type,
            version: eventversion,
            time,
            source,
            subject,
            correlationId: correlationid,
            causationId: causationid,
            data,
          }
        : rest;
    return isEnvelope(event) ? event : null;
  } catch {
    return null;
  }
}
