/**
 * The store of one service's events in Redis: a stream, and beside it a hash with the store's identity. Entries are
 * numbered 0-1, 0-2 and so on without a gap, so that a reader counts what it has missed.
 */
import type { Redis } from "ioredis";
import { HOUR, now } from "#core/clock.ts";
import type { Envelope } from "#core/envelope.ts";
import { newId } from "#core/id.ts";
import type { Position } from "../bus.ts";
import { config, MAX_AGE } from "../bus.config.ts";
import { toCloudEvent } from "../cloud-event.ts";

export const streamOf = (source: string): string => `madang:events:${source}`;
/** Its field `id` is the identity of the store; the others say how many events there were at the end of an hour. */
export const storeOf = (source: string): string => `${streamOf(source)}:store`;

/** As the number of a new entry: the one after the last. */
const NEXT = "0-*";
export const idOf = (seq: number): string => `0-${seq}`;
export const seqOf = (id: string): number => Number(id.slice(id.indexOf("-") + 1));

/** Where an event is announced to whoever listens at that moment. */
export const channelOf = (type: string): string => `madang.${type}`;

const NO_STREAM = "no such key";

export interface Found extends Position {
  /** The first event that is still there. */
  readonly first: number;
}

export async function findStore(redis: Redis, source: string): Promise<Found | null> {
  const answers = await redis.multi().hget(storeOf(source), "id").xinfo("STREAM", streamOf(source)).exec();
  const [[, store], [error, info]] = answers as [[null, string | null], [Error | null, unknown[]]];
  if (error && !error.message.includes(NO_STREAM)) throw error;
  if (error || !store) return null;
  const told = (name: string) => info[info.indexOf(name) + 1];
  const seq = seqOf(told("last-generated-id") as string);
  const first = told("length") === 0 ? seq + 1 : seqOf(told("recorded-first-entry-id") as string);
  return { store, seq, first };
}

/** As one step, since several nodes may make it at once. A group is what makes an empty stream. */
const MAKE = `
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[2], 'id') == 0 then
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[2], 'id', ARGV[1])
  redis.call('XGROUP', 'CREATE', KEYS[1], 'new', '0', 'MKSTREAM')
  redis.call('XGROUP', 'DESTROY', KEYS[1], 'new')
end
return redis.call('HGET', KEYS[2], 'id')`;

/** @returns the identity of the store */
export const makeStore = async (redis: Redis, source: string): Promise<string> =>
  (await redis.eval(MAKE, 2, streamOf(source), storeOf(source), newId())) as string;

const RENEW = `
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then redis.call('HSET', KEYS[1], 'id', ARGV[2]) end`;

export async function renewStore(redis: Redis, source: string, store: string): Promise<void> {
  await redis.eval(RENEW, 1, storeOf(source), store, newId());
}

/**
 * Stores events in their order, all of them or none. In the same transaction it publishes each one to the subscribers of its
 * channel; Redis keeps nothing for a subscriber that is away.
 * @returns the number of the last one
 */
export async function addEvents(redis: Redis, source: string, events: readonly Envelope[]): Promise<number> {
  const batch = redis.multi();
  for (const event of events) {
    const body = JSON.stringify(toCloudEvent(event));
    batch.xadd(streamOf(source), "NOMKSTREAM", NEXT, "type", event.type, "event", body);
    batch.publish(channelOf(event.type), body);
  }
  const answers = await batch.exec().catch((error: Refusal) => Promise.reject(error.previousErrors?.[0] ?? error));
  const added = answers!.filter((_, index) => index % 2 === 0);
  const failed = added.find(([error]) => error)?.[0];
  if (failed) throw failed;
  if (added.some(([, id]) => id === null)) throw new Error("no stream");
  return seqOf(added.at(-1)![1] as string);
}

/** Why a transaction was refused as a whole. */
type Refusal = Error & { readonly previousErrors?: readonly Error[] };

/** Drops what is too old or too much, the oldest first: before anything is stored, because a full Redis takes nothing. */
export async function limitStore(redis: Redis, source: string): Promise<void> {
  const [stream, store] = [streamOf(source), storeOf(source)];
  const found = await findStore(redis, source);
  if (!found) return;
  // Numbers do not tell when an event came, so the last number of each hour is kept.
  const hour = Math.floor(now() / HOUR);
  const isOld = ([name]: [string, string]) => name !== "id" && Number(name) < hour - MAX_AGE / HOUR;
  const old = Object.entries(await redis.hgetall(store)).filter(isOld);
  if (old.length > 0) {
    const last = Math.max(...old.map(([, seq]) => Number(seq)));
    await redis.xtrim(stream, "MINID", "~", idOf(last + 1));
    await redis.hdel(store, ...old.map(([name]) => name));
  }
  const [used, length] = await Promise.all([redis.memory("USAGE", stream), redis.xlen(stream)]);
  const most = Math.floor((length * config.BUS_MAX_BYTES) / (used ?? 1));
  if (most < length) await redis.xtrim(stream, "MAXLEN", "~", most);
  await redis.hset(store, `${hour}`, found.seq);
}
