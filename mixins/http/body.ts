/** Reads a request's body: bounded, UTF-8, and JSON that cannot reach an object's prototype. */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { sharedError } from "#core/errors.ts";

/** Bytes that are read and dropped, so that a client that sent too much can still read the answer. */
const DISCARD_LIMIT = 8 * 1024 * 1024;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/;
const UTF_8 = /^"?utf-?8"?$/;
/** `__proto__` as a field, however escaped. A reviver would take twenty times as long as parsing. */
const PROTOTYPE =
  /"(?:_|\\u005[fF]){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006[fF])(?:t|\\u0074)(?:o|\\u006[fF])(?:_|\\u005[fF]){2}"\s*:/;

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** JSON is UTF-8 (RFC 8259 section 8.1). Other parameters of the type have no meaning here. */
function isJson(type: string): boolean {
  if (type === "application/json") return true;
  // MIMEType of node:util is not used, because it takes a quarter of a second for a header of 14 KiB.
  const [essence = "", ...parameters] = type
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((one) => one.startsWith("charset="))?.slice("charset=".length);
  return JSON_TYPE.test(essence) && (charset === undefined || UTF_8.test(charset));
}

/**
 * The body as text; empty when there is none.
 * @param limit bytes
 * @throws PAYLOAD_TOO_LARGE, MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE when it is compressed
 */
export async function readText(req: IncomingMessage, limit: number): Promise<string> {
  if (!hasBody(req)) return "";
  if ((req.headers["content-encoding"] ?? "identity").toLowerCase() !== "identity")
    throw sharedError("UNSUPPORTED_MEDIA_TYPE");
  const bytes = await readBytes(req, limit);
  if (!isUtf8(bytes)) throw sharedError("MALFORMED_REQUEST");
  return bytes.toString();
}

function readBytes(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else reject(sharedError("PAYLOAD_TOO_LARGE", { limit }));
      if (size > DISCARD_LIMIT) req.destroy();
    });
    req.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    req.on("error", () => reject(sharedError("MALFORMED_REQUEST")));
  });
}

/**
 * The JSON of the body; `undefined` when there is no body.
 * @param limit bytes
 * @throws MALFORMED_JSON, UNSUPPORTED_MEDIA_TYPE, and what `readText` throws
 */
export async function readJson(req: IncomingMessage, limit: number): Promise<unknown> {
  if (!hasBody(req)) return undefined;
  if (!isJson(req.headers["content-type"] ?? "")) throw sharedError("UNSUPPORTED_MEDIA_TYPE");
  const text = await readText(req, limit);
  return text === "" ? undefined : parse(text);
}

function parse(text: string): unknown {
  try {
    if (!PROTOTYPE.test(text)) return JSON.parse(text);
  } catch {
    // As below: the writer of the body must see what is wrong with it.
  }
  throw sharedError("MALFORMED_JSON");
}
