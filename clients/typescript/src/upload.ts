/** Resumable uploads of films (tus 1.0): in parts, each of which is sent again from where the gateway has it. */
import { isMadangError } from "./problem.ts";
import type { Request } from "./request.ts";
import { pause, type RetryOptions } from "./retry.ts";

export interface UploadOptions {
  readonly signal?: AbortSignal;
  /** Told how many bytes have come. */
  readonly onProgress?: (sent: number) => void;
  /** Bytes of a part, which must be sent within the client's `timeout`. */
  readonly partSize?: number;
}

/** Bytes: what a slow line sends in half a minute. */
const PART = 4 * 2 ** 20;
const UPLOADS = "/uploads/";
const TUS = { "tus-resumable": "1.0.0" };

type Ask = (request: Request) => Promise<Response>;

/** True for a part that may have come, or may come later. */
const isPassing = (error: unknown): boolean =>
  !isMadangError(error) || error.status >= 500 || error.code === "CONTENT_UPLOAD_MISMATCH";

/**
 * @param ask sends a request, again where that is safe
 * @returns the id of the upload
 * @throws what `ask` throws when no part comes any more
 */
export async function uploaded(ask: Ask, file: Blob, options: UploadOptions & RetryOptions): Promise<string> {
  const { partSize = PART, onProgress, signal, attempts, delay } = options;
  if (file.size === 0) throw new TypeError("The file is empty.");
  const length = { "upload-length": String(file.size) };
  // An upload whose answer is lost stays empty, and goes by itself.
  const begun = await ask({ method: "POST", target: UPLOADS, headers: { ...TUS, ...length }, isRepeatable: true });
  const target = begun.headers.get("location")!;
  let [offset, failures] = [0, 0];
  while (offset < file.size) {
    try {
      await ask(partOf(target, file.slice(offset, offset + partSize), offset));
      offset = Math.min(offset + partSize, file.size);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (signal?.aborted || failures >= attempts || !isPassing(error)) throw error;
      await pause(delay * 2 ** failures, signal);
      const come = await offsetOf(ask, target);
      if (come > offset) failures = 0;
      offset = come;
    }
    onProgress?.(offset);
  }
  return target.slice(target.lastIndexOf("/") + 1);
}

/** It cannot be sent twice blindly: some of it may have come. */
const partOf = (target: string, body: Blob, offset: number): Request => ({
  method: "PATCH",
  target,
  headers: { ...TUS, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) },
  body,
  isRepeatable: false,
});

async function offsetOf(ask: Ask, target: string): Promise<number> {
  const answer = await ask({ method: "HEAD", target, headers: TUS, isRepeatable: true });
  return Number(answer.headers.get("upload-offset"));
}
