/** What two AsyncAPI documents tell apart, where it breaks those who read events. */
import type { JsonSchema } from "#core/schema.ts";
import { type Both, type Named, schemaBreaks } from "./schema.ts";

interface Message {
  readonly name: string;
  readonly "x-version": number;
  /** The envelope, and what this type says of it. */
  readonly payload: { readonly allOf: readonly JsonSchema[] };
}

export interface AsyncApi {
  readonly channels: Readonly<Record<string, { readonly address: string; readonly messages: object }>>;
  readonly components: { readonly messages: Readonly<Record<string, Message>>; readonly schemas: Named };
}

const dataOf = ({ payload }: Message): JsonSchema => payload.allOf[1]?.properties?.["data"] ?? {};

function dataFaults(key: string, before: Message, now: Message, both: Both): string[] {
  return schemaBreaks("event", dataOf(before), dataOf(now), both).map(({ field, what, instead }) => {
    const part = field === "" ? "its data" : `the field ${field}`;
    return `${key}: ${part} ${what}: ${instead}, or raise the event's version.`;
  });
}

function messageFaults(before: AsyncApi, now: AsyncApi, both: Both): string[] {
  const known = Object.entries(now.components.messages);
  return Object.entries(before.components.messages).flatMap(([key, was]) => {
    const is = now.components.messages[key];
    if (is) return dataFaults(key, was, is, both);
    const isRaised = known.some(([, one]) => one.name === was.name && one["x-version"] > was["x-version"]);
    return isRaised ? [] : [`${key} is gone: publish it on, since programs of others may read it.`];
  });
}

/** The channels of events that there still are. */
function channelFaults(before: AsyncApi, now: AsyncApi): string[] {
  const names = new Set(Object.values(now.components.messages).map(({ name }) => name));
  const namesIn = ({ messages }: { messages: object }) =>
    Object.keys(messages).map((key) => before.components.messages[key]?.name ?? "");
  return Object.entries(before.channels).flatMap(([id, was]) => {
    const is = now.channels[id];
    if (is?.address === was.address || !namesIn(was).some((name) => names.has(name))) return [];
    const told = is ? `has the address ${is.address} instead of ${was.address}` : "is gone";
    return [`The channel ${id} ${told}: publish there on, since programs of others may read it.`];
  });
}

/** The envelope is the same for all events, and its version is that of CloudEvents. */
const envelopeFaults = (both: Both): string[] =>
  schemaBreaks("event", both.before["CloudEvent"] ?? {}, both.now["CloudEvent"] ?? {}, both).map(
    ({ field, what, instead }) => `Every event: the field ${field} of the envelope ${what}: ${instead}.`,
  );

/** A sentence for each promise that is broken. Within a version, an event may gain optional fields and nothing else. */
export function eventBreaks(before: AsyncApi, now: AsyncApi): string[] {
  const both = { before: before.components.schemas, now: now.components.schemas };
  return [...messageFaults(before, now, both), ...channelFaults(before, now), ...envelopeFaults(both)];
}
