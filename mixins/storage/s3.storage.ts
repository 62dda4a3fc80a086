/** Storage in any store that speaks S3. */
import { createReadStream } from "node:fs";
import { stat as statFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import {
  type Body,
  checkedKey,
  type Entry,
  isKey,
  type Range,
  type Reading,
  type Stat,
  type Storage,
} from "./storage.ts";

interface Options {
  readonly bucket: string;
  /** Of all keys: empty, or with a slash at its end. */
  readonly prefix: string;
  /** Null for Amazon's. */
  readonly endpoint: string | null;
  readonly region: string;
  /** Null for the rights of the machine. */
  readonly accessKey: string | null;
  readonly secretKey: string | null;
}

/** Bytes of a part. A larger file goes in several parts, of which S3 takes 10,000. */
const PART = 64 * 1024 * 1024;
const MOST_PARTS = 9000;
/** Milliseconds before what was not removed is asked for again. */
const PAUSES = [200, 1000];

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
const isMissing = (error: unknown): boolean => statusOf(error) === 404;
const isTaken = (error: unknown): boolean => statusOf(error) === 412 || statusOf(error) === 409;

async function nullIfMissing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error) || statusOf(error) === 416) return null;
    throw error;
  }
}

const unquoted = (etag: string | undefined): string => (etag ?? "").replaceAll('"', "");

export class S3Storage implements Storage {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  private constructor(client: S3Client, { bucket, prefix }: Options) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  static open(options: Options): S3Storage {
    const { endpoint, region, accessKey, secretKey } = options;
    const client = new S3Client({
      region,
      // Other stores have no host for each bucket, and do not know Amazon's newer checksums.
      ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      ...(accessKey === null ? {} : { credentials: { accessKeyId: accessKey, secretAccessKey: secretKey! } }),
    });
    return new S3Storage(client, options);
  }

  #at(key: string) {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  async put(key: string, body: Body, { ifAbsent = false } = {}): Promise<boolean> {
    const at = this.#at(checkedKey(key));
    const size = "file" in body ? (await statFile(body.file)).size : body.byteLength;
    const content = "file" in body ? createReadStream(body.file) : body;
    const condition = ifAbsent ? { IfNoneMatch: "*" } : {};
    try {
      if (size > PART) await this.#putParts({ ...at, Body: content, ...condition }, size);
      else await this.#client.send(new PutObjectCommand({ ...at, Body: content, ContentLength: size, ...condition }));
      return true;
    } catch (error) {
      if (ifAbsent && isTaken(error)) return false;
      throw error;
    } finally {
      if ("file" in body) (content as Readable).destroy();
    }
  }

  async #putParts(params: ConstructorParameters<typeof Upload>[0]["params"], size: number): Promise<void> {
    const partSize = Math.max(PART, Math.ceil(size / MOST_PARTS));
    await new Upload({ client: this.#client, params, partSize, queueSize: 2 }).done();
  }

  async read(key: string, { range }: { readonly range?: Range } = {}): Promise<Reading | null> {
    if (!isKey(key)) return null;
    const bytes = range ? { Range: `bytes=${range.start}-${range.end}` } : {};
    const found = await nullIfMissing(this.#client.send(new GetObjectCommand({ ...this.#at(key), ...bytes })));
    if (!found) return null;
    const whole = /\/(\d+)$/.exec(found.ContentRange ?? "")?.[1] ?? found.ContentLength;
    return { stream: found.Body as Readable, size: Number(whole), etag: unquoted(found.ETag) };
  }

  async stat(key: string): Promise<Stat | null> {
    if (!isKey(key)) return null;
    const found = await nullIfMissing(this.#client.send(new HeadObjectCommand(this.#at(key))));
    return found && { size: found.ContentLength ?? 0, etag: unquoted(found.ETag) };
  }

  async *list(folder: string): AsyncIterable<Entry> {
    for await (const page of this.#pages(`${checkedKey(folder)}/`)) yield* page;
  }

  async *#pages(prefix: string): AsyncIterable<readonly Entry[]> {
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: this.#prefix + prefix,
          ...(token ? { ContinuationToken: token } : {}),
        }),
      );
      yield (page.Contents ?? []).map(({ Key = "", Size = 0, LastModified }) => ({
        key: Key.slice(this.#prefix.length),
        size: Size,
        storedAt: LastModified?.getTime() ?? 0,
      }));
      token = page.NextContinuationToken;
    } while (token);
  }

  async remove(path: string): Promise<void> {
    await this.#removeAll([{ key: checkedKey(path) }]);
    for await (const page of this.#pages(`${path}/`)) if (page.length > 0) await this.#removeAll(page);
  }

  /** S3 answers 200 also when it has removed only some, and names the others. */
  async #removeAll(entries: readonly Pick<Entry, "key">[]): Promise<void> {
    let left = entries.map(({ key }) => ({ Key: this.#prefix + key }));
    for (const pause of [...PAUSES, null]) {
      const Delete = { Objects: left, Quiet: true };
      const { Errors = [] } = await this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete }));
      if (Errors.length === 0) return;
      const [{ Code, Message }] = Errors as [(typeof Errors)[number]];
      if (pause === null) throw new Error(`S3 did not remove ${Errors.length} objects: ${Code} (${Message}).`);
      left = Errors.map(({ Key }) => ({ Key: Key! }));
      await sleep(pause);
    }
  }

  async removeDrafts(before: number): Promise<void> {
    let from: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (;;) {
      const page = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: this.#prefix, ...from }),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
        if (Initiated && Initiated.getTime() < before)
          await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }));
      if (!page.IsTruncated || !page.NextKeyMarker) return;
      from = {
        KeyMarker: page.NextKeyMarker,
        ...(page.NextUploadIdMarker ? { UploadIdMarker: page.NextUploadIdMarker } : {}),
      };
    }
  }

  localPath(): null {
    return null;
  }

  close(): void {
    this.#client.destroy();
  }
}
