/** What the databases of a data folder hold, to tell whether anything was stored. */
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

/** The unfinished work by table: events to publish and to handle, steps that run, messages to send, stock that is short. */
const unfinished: Readonly<Record<string, string>> = {
  outbox: "waiting IS NOT NULL",
  inbox: "state = 'waiting' AND next_at <= unixepoch('subsec') * 1000",
  sagas: "status = 'active' AND next_at <= unixepoch('subsec') * 1000",
  jobs: "state = 'running'",
  "notification.deliveries": "next_at IS NOT NULL",
  stock_levels: "alert_at IS NOT NULL",
};

/**
 * Wrong passwords, PINs and codes of devices are counted: that is what their refusal is meant to leave. Webhooks to receivers
 * that are not there are tried again for a day, whatever is asked meanwhile.
 */
const moving = {
  tables: new Set(["attempts", "device_tries", "webhook.deliveries"]),
  columns: new Set(["pin_tries", "pin_wait_until", "failing_since"]),
};
const withoutMoving = (column: string, value: unknown): unknown => (moving.columns.has(column) ? undefined : value);

/** Looks and milliseconds between them. What a row is waiting for is looked at, so this is for what begins without one. */
const [LOOKS, PAUSE] = [2, 5];

/** A job of a kind with set times comes by itself, whatever is asked meanwhile. */
const isScheduled = (table: string, { kind, key }: Readonly<Record<string, unknown>>): boolean =>
  table === "jobs" && String(key).startsWith(`${String(kind)}@`);

class DatabaseFile {
  readonly #name: string;
  readonly #db: DatabaseSync;
  readonly #works: readonly string[];
  #version = -1;
  #tables: Readonly<Record<string, string>> = {};

  constructor(folder: string, file: string) {
    this.#name = file.slice(0, -".db".length);
    this.#db = new DatabaseSync(join(folder, file), { readOnly: true, timeout: 1000 });
    this.#works = this.#names().flatMap((table) => {
      const isOpen = unfinished[table] ?? unfinished[this.#qualified(table)];
      return isOpen ? [`SELECT 1 FROM "${table}" WHERE ${isOpen} LIMIT 1`] : [];
    });
  }

  /** Another one when something was committed. */
  get version(): number {
    return (this.#db.prepare("PRAGMA data_version").get() as { data_version: number }).data_version;
  }

  /** Rows and digest by table; read again only when something was committed. */
  tables(): Readonly<Record<string, string>> {
    const { version } = this;
    if (version === this.#version) return this.#tables;
    this.#version = version;
    const names = this.#names().filter((name) => !moving.tables.has(name) && !moving.tables.has(this.#qualified(name)));
    this.#tables = Object.fromEntries(names.map((name) => [this.#qualified(name), this.#digest(name)]));
    return this.#tables;
  }

  /** True while something goes on by itself. */
  get isBusy(): boolean {
    return this.#works.some((look) => this.#db.prepare(look).get());
  }

  close(): void {
    this.#db.close();
  }

  #qualified(table: string): string {
    return `${this.#name}.${table}`;
  }

  #names(): string[] {
    // A full-text index follows from the rows that it is of, and has numbers too large for JavaScript.
    const names = this.#db
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN " +
          "(SELECT name FROM pragma_table_list WHERE type IN ('virtual', 'shadow')) ORDER BY name",
      )
      .all();
    return names.map(({ name }) => String(name));
  }

  #digest(table: string): string {
    const rows = this.#db
      .prepare(`SELECT * FROM "${table}"`)
      .all()
      .filter((row) => !isScheduled(table, row))
      .map((row) => JSON.stringify(row, withoutMoving));
    return `${rows.length} rows, ${createHash("sha1").update(rows.toSorted().join("\n")).digest("base64url").slice(0, 8)}`;
  }
}

export class Fingerprint {
  readonly #files: readonly DatabaseFile[];

  constructor(folder: string) {
    this.#files = globSync("*.db", { cwd: folder })
      .toSorted()
      .map((file) => new DatabaseFile(folder, file));
  }

  take(): Readonly<Record<string, string>> {
    return Object.assign({}, ...this.#files.map((file) => file.tables())) as Readonly<Record<string, string>>;
  }

  /** The same, once all that goes on by itself has come to rest. */
  async settled(): Promise<Readonly<Record<string, string>>> {
    // What is written is read once it has come to rest: to read all tables takes longer than most that is waited for.
    const versions = () => this.#files.map(({ version }) => version).join();
    let before = versions();
    for (let still = 0; still < LOOKS;) {
      await sleep(PAUSE);
      const after = versions();
      still = after === before && !this.#files.some((file) => file.isBusy) ? still + 1 : 0;
      before = after;
    }
    return this.take();
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}
