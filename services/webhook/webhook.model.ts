/** The rules of webhooks: how they are signed, and when a failed one comes again. */
import { createHmac } from "node:crypto";
import { DAY, HOUR } from "#core/clock.ts";
import type { Envelope } from "#core/envelope.ts";
import type { PostAnswer } from "#mixins/http/post.ts";

const PREFIX = "whsec_";

export const secretOf = (key: Buffer): string => PREFIX + key.toString("base64");

/** The signatures with each secret, as standardwebhooks.com says: `v1,<base64 of HMAC-SHA256 of id.timestamp.body>`. */
export function signatures(secrets: readonly string[], id: string, seconds: number, body: string): string {
  const signed = `${id}.${seconds}.${body}`;
  const one = (secret: string) =>
    `v1,${createHmac("sha256", Buffer.from(secret.slice(PREFIX.length), "base64"))
      .update(signed)
      .digest("base64")}`;
  return secrets.map(one).join(" ");
}

/** Milliseconds until the next attempt, after each failed one: all together almost a day. */
const PAUSES = [5000, 5 * 60_000, 30 * 60_000, 2 * HOUR, 5 * HOUR, 8 * HOUR, 8 * HOUR];
/** An endpoint at which everything has failed for so long gets nothing any more. */
const FAILING = 5 * DAY;
const GONE = 410;

export interface Outcome {
  status: "waiting" | "delivered" | "failed";
  attempts: number;
  /** When it is sent next, or the lease of the node that sends it ends; null at the end. */
  next_at: number | null;
}

export const isDelivered = ({ status }: Pick<PostAnswer, "status">): boolean =>
  status !== null && status >= 200 && status < 300;

/** Milliseconds that a receiver asked for; RFC 9110 section 10.2.3 has dates too, which few send. */
const asked = ({ retryAfter }: PostAnswer): number =>
  /^\d{1,5}$/.test(retryAfter ?? "") ? Number(retryAfter) * 1000 : 0;

/**
 * What becomes of a delivery after an attempt.
 * @param attempts before this one
 * @param random from 0 to 1: it keeps deliveries that failed together from coming back together
 */
export function afterAttempt(attempts: number, answer: PostAnswer, now: number, random: number): Outcome {
  const made = { attempts: attempts + 1 };
  if (isDelivered(answer)) return { ...made, status: "delivered", next_at: null };
  const pause = answer.status === GONE ? undefined : PAUSES[attempts];
  if (pause === undefined) return { ...made, status: "failed", next_at: null };
  return {
    ...made,
    status: "waiting",
    next_at: Math.round(now + Math.max(pause * (0.9 + 0.2 * random), asked(answer))),
  };
}

/** An endpoint that has failed since before this time, in milliseconds since the epoch, gets nothing any more. */
export const disabledBefore = ({ status }: Pick<PostAnswer, "status">, now: number): number =>
  status === GONE ? now : now - FAILING;

/** Whom an event is about, where that is a person. */
const personOf = (data: object): string | null =>
  "userId" in data && typeof data.userId === "string" ? data.userId : null;

/** An event as it is sent: the payload that standardwebhooks.com proposes, with the version of the event's shape. */
export const messageOf = ({
  id,
  type,
  version,
  time,
  data,
}: Pick<Envelope<object>, "id" | "type" | "version" | "time" | "data">) => ({
  event_id: id,
  type,
  body: JSON.stringify({ type, version, timestamp: time, data }),
  // That somebody left must be told after they have gone.
  user_id: type === "user.deleted" ? null : personOf(data),
});
