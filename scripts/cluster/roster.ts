/** The list of a local cluster's processes, kept in a file so that people can inspect or kill them. */
import { renameSync, writeFileSync } from "node:fs";

/** A line of `cluster.json`. */
export interface Entry {
  readonly name: string;
  readonly services: readonly string[];
  readonly pid: number;
  /** Of a gateway, a server or the provider. */
  readonly port?: number;
}

export class Roster {
  readonly #path: string;
  readonly #entries = new Map<string, Entry>();

  constructor(path: string) {
    this.#path = path;
    this.#write();
  }

  get entries(): Entry[] {
    return [...this.#entries.values()];
  }

  add(entry: Entry): void {
    this.#entries.set(entry.name, entry);
    this.#write();
  }

  remove(name: string): void {
    this.#entries.delete(name);
    this.#write();
  }

  /** A reader sees the list before or after a change, never half of it. */
  #write(): void {
    const draft = `${this.#path}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(this.entries, null, 2)}\n`);
    renameSync(draft, this.#path);
  }
}
