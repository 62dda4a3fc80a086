/** Reads a request's body: bounded, UTF-8, and JSON that cannot reach an object's prototype. */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { sharedError } from "#core/errors.ts";

/** Bytes. */
export const BODY_LIMIT = 256 * 1024;
/** What is read and thrown away, so that a client that sent too much still gets to read the answer. */
const DISCARD_LIMIT = 8 * 1024 * 1024;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const SUSPICIOUS = /__proto__|\\u/;

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/**
 * The body as text; empty when there is none.
 * @throws PAYLOAD_TOO_LARGE, MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE when it is compressed
 */
export async function readText(req: IncomingMessage): Promise<string> {
  if (!hasBody(req)) return "";
  if ((req.headers["content-encoding"] ?? "identity") !== "identity") throw sharedError("UNSUPPORTED_MEDIA_TYPE");
  const bytes = await readBytes(req);
  if (!isUtf8(bytes)) throw sharedError("MALFORMED_REQUEST");
  return bytes.toString();
}

function readBytes(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
      else reject(sharedError("PAYLOAD_TOO_LARGE"));
      if (size > DISCARD_LIMIT) req.destroy();
    });
    req.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    req.on("error", () => reject(sharedError("MALFORMED_REQUEST")));
  });
}

/**
 * The JSON of the body; `undefined` when there is no body.
 * @throws MALFORMED_JSON, UNSUPPORTED_MEDIA_TYPE, and what `readText` throws
 */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  if (!hasBody(req)) return undefined;
  if (!JSON_TYPE.test(req.headers["content-type"] ?? "")) throw sharedError("UNSUPPORTED_MEDIA_TYPE");
  const text = await readText(req);
  return text === "" ? undefined : parse(text);
}

function parse(text: string): unknown {
  try {
    return SUSPICIOUS.test(text) ? JSON.parse(text, refusePrototype) : JSON.parse(text);
  } catch {
    throw sharedError("MALFORMED_JSON");
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new SyntaxError(`The name "${key}" is not allowed.`);
  return value;
}
