/** The files of imports: parts in the storage, read as one CSV file (RFC 4180). */
import { buffer } from "node:stream/consumers";
import type { ServiceBroker } from "moleculer";
import type { Info } from "csv-parse";
import { storageOf } from "#mixins/storage/open.ts";
import { product } from "./product.contract.ts";

/** Characters of a row: more than all of its cells may hold. */
const LONGEST_ROW = 200_000;

const folderOf = (id: string): string => `imports/${id}`;
const keyOf = (id: string, number: number): string => `${folderOf(id)}/${number}`;

export const storePart = async (broker: ServiceBroker, id: string, number: number, bytes: Uint8Array) =>
  (await storageOf(broker)).put(keyOf(id, number), bytes);

export const removeParts = async (broker: ServiceBroker, id: string) => (await storageOf(broker)).remove(folderOf(id));

/** Where a part is in its file. */
interface Place {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Parts may end within a character, the file may not. @throws IMPORT_ENCODING */
export function checkUtf8(part: Uint8Array, { isFirst, isLast }: Place): void {
  let from = 0;
  if (!isFirst) while (from < 3 && ((part[from] ?? 0) & 0xc0) === 0x80) from += 1;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(part.subarray(from), { stream: !isLast });
  } catch {
    throw product.error("IMPORT_ENCODING");
  }
}

const options = {
  bom: true,
  relax_column_count: true,
  skip_empty_lines: false,
  max_record_size: LONGEST_ROW,
  // Files that were put together from several have more than one of them.
  record_delimiter: ["\r\n", "\n", "\r"],
};

/** From the row of this line on, a file is no CSV. */
export class BrokenRow extends Error {
  readonly line: number;

  constructor(line: number, options: ErrorOptions) {
    super(`The row of line ${line} cannot be read.`, options);
    this.line = line;
  }
}

/** The first line of a file. @throws IMPORT_CSV when it cannot be read */
export async function columnsIn(part: Uint8Array): Promise<string[]> {
  // Loaded only where it is used.
  const { parse } = await import("csv-parse/sync");
  try {
    return parse(part, { ...options, to: 1 })[0] ?? [];
  } catch {
    throw product.error("IMPORT_CSV");
  }
}

/** The names of the columns of a stored file. */
export async function columnsOf(broker: ServiceBroker, id: string): Promise<string[]> {
  const found = await (await storageOf(broker)).read(keyOf(id, 1));
  if (!found) throw new Error(`The file of the import ${id} is not in the storage.`);
  return columnsIn(await buffer(found.stream));
}

/** Bytes. */
export async function sizeOf(broker: ServiceBroker, id: string, parts: number): Promise<number> {
  const storage = await storageOf(broker);
  let size = 0;
  for (let number = 1; number <= parts; number += 1) size += (await storage.stat(keyOf(id, number)))?.size ?? 0;
  return size;
}

interface Entry {
  readonly record: readonly string[];
  /** Counted from 1, without the names of the columns. */
  readonly position: number;
  readonly line: number;
  /** Bytes of the file before and with it. */
  readonly bytes: number;
}

async function* partsOf(broker: ServiceBroker, id: string, parts: number): AsyncGenerator<Buffer> {
  const storage = await storageOf(broker);
  for (let number = 1; number <= parts; number += 1) {
    const found = await storage.read(keyOf(id, number));
    if (!found) throw new Error(`Part ${number} of the import ${id} is not in the storage.`);
    yield* found.stream as AsyncIterable<Buffer>;
  }
}

/**
 * The records of a file behind the names of its columns, also those right before a fault.
 * @throws BrokenRow
 */
export async function* recordsOf(broker: ServiceBroker, id: string, parts: number): AsyncGenerator<Entry> {
  const { parse } = await import("csv-parse");
  const found: Entry[] = [];
  let [position, line] = [0, 2];
  const keep = (record: readonly string[], { bytes, lines }: Info): null => {
    position += 1;
    found.push({ record, position, line, bytes });
    line = lines + 1;
    return null;
  };
  const parser = parse({ ...options, from: 2, on_record: keep });
  let fault: unknown;
  parser.on("error", (error) => (fault = error));
  const end = (): void => {
    // The parser notices a quotation mark that is not closed long after the row in which it is.
    if (fault !== undefined) throw new BrokenRow(line, { cause: fault });
  };
  const sent = (send: (done: () => void) => void) => new Promise<void>(send);
  for await (const chunk of partsOf(broker, id, parts)) {
    await sent((done) => parser.write(chunk, () => done()));
    yield* found.splice(0);
    end();
  }
  await sent((done) => parser.end(() => done()));
  yield* found;
  end();
}
