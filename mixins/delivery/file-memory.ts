/** Whole files in memory, the most recently asked for, within a number of bytes. Who asks for a file while it is read waits for it. */

export interface HeldFile {
  readonly body: Buffer;
  /** With quotes (RFC 9110 section 8.8.3). */
  readonly etag: string;
}

export class FileMemory {
  readonly #limit: number;
  readonly #load: (key: string) => Promise<HeldFile | null>;
  /** In the order in which they were asked for. */
  readonly #files = new Map<string, HeldFile>();
  readonly #loading = new Map<string, Promise<HeldFile | null>>();
  #bytes = 0;

  /** @param limit bytes */
  constructor(limit: number, load: (key: string) => Promise<HeldFile | null>) {
    this.#limit = limit;
    this.#load = load;
  }

  /** Null when there is none; that is not kept. */
  get(key: string): HeldFile | Promise<HeldFile | null> {
    const file = this.#files.get(key);
    if (!file) return this.#loading.get(key) ?? this.#read(key);
    this.#files.delete(key);
    this.#files.set(key, file);
    return file;
  }

  #read(key: string): Promise<HeldFile | null> {
    const loading = this.#load(key)
      .then((file) => {
        if (file) this.#keep(key, file);
        return file;
      })
      .finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  #keep(key: string, file: HeldFile): void {
    if (file.body.length > this.#limit) return;
    this.#files.set(key, file);
    this.#bytes += file.body.length;
    for (const [oldest, { body }] of this.#files) {
      if (this.#bytes <= this.#limit) return;
      this.#files.delete(oldest);
      this.#bytes -= body.length;
    }
  }
}
