/** The directory of nodes in etcd: a key with a lease for each. It speaks etcd's HTTP interface (v3), and needs no package for that. */
import type { Directory } from "./directory.ts";

const PREFIX = "madang/nodes/";
/** Seconds that a line stays without renewal. Long after its node counts as gone. */
const LINGER = 60;

const encoded = (text: string): string => Buffer.from(text).toString("base64");
const decoded = (text: string): string => Buffer.from(text, "base64").toString();

/** All keys that begin with the prefix: up to where its last character is one higher. */
const ALL = { key: encoded(PREFIX), range_end: encoded(PREFIX.replace(/\/$/, "0")) };

interface Answer {
  /** Of an error. */
  readonly message?: string;
  readonly token?: string;
  /** Of a lease. */
  readonly ID?: string;
  readonly result?: { readonly TTL?: string };
  readonly responses?: readonly {
    readonly response_range?: { readonly kvs?: readonly { key: string; value: string }[] };
  }[];
}

export class EtcdDirectory implements Directory {
  /** The first is asked, and goes to the end when it does not answer. */
  readonly #servers: string[];
  readonly #user: { readonly name: string; readonly password: string } | null;
  readonly #patience: number;
  #token: string | null = null;
  #lease: string | null = null;
  #renewedAt = 0;

  /** @param urls addresses separated by commas; the first holds the credentials, if there are any */
  constructor(urls: string, patience: number) {
    const parsed = urls.split(",").map((url) => new URL(url.trim()));
    const { username, password } = parsed[0]!;
    this.#servers = parsed.map(({ origin }) => origin);
    this.#user = username ? { name: decodeURIComponent(username), password: decodeURIComponent(password) } : null;
    this.#patience = patience;
  }

  async exchange(node: string, line: string): Promise<ReadonlyMap<string, string>> {
    const signal = AbortSignal.timeout(this.#patience);
    try {
      return await this.#write(node, line, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // A server that was wiped knows neither the lease nor the token, and another one may answer.
      this.#lease = null;
      this.#token = null;
      return this.#write(node, line, signal);
    }
  }

  async #write(node: string, line: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const put = { key: encoded(PREFIX + node), value: encoded(line), lease: await this.#keepLease(signal) };
    const { responses } = await this.#ask(
      "kv/txn",
      { success: [{ request_put: put }, { request_range: ALL }] },
      signal,
    );
    const { kvs = [] } = responses?.[1]?.response_range ?? {};
    return new Map(kvs.map(({ key, value }) => [decoded(key).slice(PREFIX.length), decoded(value)]));
  }

  async #keepLease(signal: AbortSignal): Promise<string> {
    const age = performance.now() - this.#renewedAt;
    if (this.#lease !== null && age < (LINGER * 1000) / 3) return this.#lease;
    this.#renewedAt = performance.now();
    if (this.#lease !== null) {
      const { result } = await this.#ask("lease/keepalive", { ID: this.#lease }, signal);
      if (Number(result?.TTL ?? 0) > 0) return this.#lease;
    }
    const { ID } = await this.#ask("lease/grant", { TTL: LINGER }, signal);
    return (this.#lease = ID!);
  }

  async remove(node: string): Promise<void> {
    await this.#ask("kv/deleterange", { key: encoded(PREFIX + node) }, AbortSignal.timeout(this.#patience));
  }

  close(): void {}

  async #ask(what: string, body: object, signal: AbortSignal): Promise<Answer> {
    if (this.#user && this.#token === null)
      this.#token = (await this.#post("auth/authenticate", this.#user, signal)).token!;
    return this.#post(what, body, signal);
  }

  async #post(what: string, body: object, signal: AbortSignal): Promise<Answer> {
    const [server] = this.#servers as [string];
    const headers = this.#token === null ? {} : { authorization: this.#token };
    try {
      const answer = await fetch(`${server}/v3/${what}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        signal,
      });
      const told = (await answer.json()) as Answer;
      if (!answer.ok) throw new Error(told.message ?? `it answers ${answer.status}`);
      return told;
    } catch (error) {
      this.#servers.push(this.#servers.shift()!);
      throw new Error(((error as Error).cause as Error | undefined)?.message ?? (error as Error).message, {
        cause: error,
      });
    }
  }
}
