/** A NATS server with deploy/nats.conf, and connections of its users by hand: what each may do, and what an evil one tries. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type JetStreamManager, type NatsConnection, type NatsError } from "nats";
import { type Nats, startNats } from "../../../scripts/cluster/servers.ts";
import { root } from "../fixtures/source.ts";

export class NatsUsers {
  readonly nats: Nats;
  readonly #folder: string;
  readonly #connections = new Map<string, Promise<NatsConnection>>();
  /** What each was refused to publish or subscribe, by user. */
  readonly #refused = new Map<string, Set<string>>();

  private constructor(folder: string, nats: Nats) {
    this.#folder = folder;
    this.nats = nats;
  }

  static async start(): Promise<NatsUsers> {
    const folder = mkdtempSync(join(tmpdir(), "madang-users-"));
    return new NatsUsers(folder, await startNats({ folder, file: join(root, "deploy/nats.conf") }));
  }

  /** Options of a connection, with which also a node may sign in. */
  options(user: string) {
    const { username, password, host } = new URL(user === "detection" ? this.nats.systemUrl : this.nats.urlFor(user));
    return { servers: host, user: username, pass: password };
  }

  /** One connection for each user, kept. */
  as(user: string): Promise<NatsConnection> {
    const known = this.#connections.get(user) ?? this.#signIn(user);
    this.#connections.set(user, known);
    return known;
  }

  async #signIn(user: string): Promise<NatsConnection> {
    const inboxPrefix = user === "detection" ? "_INBOX" : `_INBOX_${user}`;
    const connection = await connect({ ...this.options(user), inboxPrefix, timeout: 2000 });
    const refused = new Set<string>();
    this.#refused.set(user, refused);
    void (async () => {
      for await (const status of connection.status()) {
        const { permissionContext } = status as { permissionContext?: { operation: string; subject: string } };
        if (permissionContext) refused.add(`${permissionContext.operation} ${permissionContext.subject}`);
      }
    })();
    return connection;
  }

  /** Resolves when all refusals of what was asked are known: they came before the answer to this, and are told a turn later. */
  async #heard(user: string): Promise<void> {
    await (await this.as(user)).flush();
    await new Promise(setImmediate);
  }

  async #allowed(user: string, what: string): Promise<boolean> {
    await this.#heard(user);
    return !this.#refused.get(user)!.delete(what);
  }

  /** Whether the server lets this user listen there. */
  async maySubscribe(user: string, subject: string): Promise<boolean> {
    const subscription = (await this.as(user)).subscribe(subject, { callback: () => {} });
    const may = await this.#allowed(user, `subscription ${subject}`);
    if (!subscription.isClosed()) subscription.unsubscribe();
    return may;
  }

  /** Whether the server takes it when this user publishes there. */
  async mayPublish(user: string, subject: string, data: string | Uint8Array = "", reply?: string): Promise<boolean> {
    (await this.as(user)).publish(subject, data, reply === undefined ? {} : { reply });
    return this.#allowed(user, `publish ${subject}`);
  }

  /** Of these subjects, those to which the server lets this user publish: asked all at once. */
  async publishable(user: string, subjects: readonly string[]): Promise<string[]> {
    const connection = await this.as(user);
    for (const subject of subjects) connection.publish(subject);
    await this.#heard(user);
    const refused = this.#refused.get(user)!;
    return subjects.filter((subject) => !refused.delete(`publish ${subject}`));
  }

  async streams(user: string): Promise<JetStreamManager> {
    return (await this.as(user)).jetstreamManager({ checkAPI: false });
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#connections.values()].map(async (connection) => (await connection).close()));
    await this.nats.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The code of the refusal; undefined for what was done. */
export const refusal = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: NatsError) => error.code,
  );
