/**
 * The mailbox of development: what would have been sent, as files in the data folder. The notification service writes it where nothing
 * else sends a channel's messages, and the gateway of the same process shows it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataDir, dataPath } from "#core/config.ts";
import { topology } from "./topology.ts";

const channels = ["email", "sms", "push"] as const;
type Channel = (typeof channels)[number];

export interface KeptMessage {
  readonly id: string;
  readonly channel: Channel;
  /** An address, a number, or how many browsers. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly language: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

const folderOf = (channel: Channel): string => join(dataDir(), "mailbox", channel);
/** Ids of deliveries; the names of files are nothing else. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const fileOf = (channel: Channel, id: string): string => join(folderOf(channel), `${id}.json`);

/** Opens it for the channels that nothing else sends, and empties it for others. A cluster has none. */
export function openMailbox(kept: readonly Channel[]): void {
  for (const channel of channels) {
    if (kept.includes(channel) && !topology.isCluster) mkdirSync(dataPath("mailbox", channel), { recursive: true });
    else rmSync(folderOf(channel), { recursive: true, force: true });
  }
}

/** A repeat replaces the message. */
export function keepMessage(message: KeptMessage): void {
  if (topology.isCluster || !existsSync(folderOf(message.channel))) return;
  const path = fileOf(message.channel, message.id);
  writeFileSync(`${path}.draft`, JSON.stringify(message), { mode: 0o600 });
  renameSync(`${path}.draft`, path);
}

export function removeMessage(id: string): void {
  for (const channel of channels)
    for (const path of [fileOf(channel, id), `${fileOf(channel, id)}.draft`]) rmSync(path, { force: true });
}

/** The channels that it has; none where messages are sent, or nodes are many. */
const open = (): readonly Channel[] =>
  topology.isCluster ? [] : channels.filter((channel) => existsSync(folderOf(channel)));

export const isMailboxOpen = (): boolean => open().length > 0;

/** Undefined when it is not there any more. */
export function findMessage(channel: string, id: string): KeptMessage | undefined {
  const own = open().find((one) => one === channel);
  if (own === undefined || !ID.test(id) || !existsSync(fileOf(own, id))) return undefined;
  return JSON.parse(readFileSync(fileOf(own, id), "utf8")) as KeptMessage;
}

/**
 * Newest first: ids begin with their time.
 * @param before the id after which the page begins
 */
export function listMessages(limit: number, before?: string): KeptMessage[] {
  const names = open().flatMap((channel) =>
    readdirSync(folderOf(channel)).flatMap((name) => {
      const id = name.replace(/\.json$/, "");
      return ID.test(id) && (before === undefined || id < before) ? [{ channel, id }] : [];
    }),
  );
  const page = names.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
  return page.flatMap(({ channel, id }) => findMessage(channel, id) ?? []);
}
