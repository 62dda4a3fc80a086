/** Bytes in an input: they are sent in Base64, which JSON can carry. */
import type { Operation } from "./request.ts";

type Input = Readonly<Record<string, unknown>>;

/** Arguments of one call of a function, of which engines take some ten thousand. */
const CHUNK = 8192;

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** The input with its bytes as Base64. What is text is Base64 already. */
export async function encoded({ inBase64 = [] }: Operation, input: Input = {}): Promise<Input> {
  const bytes: Record<string, string> = {};
  for (const name of inBase64) {
    const { [name]: value } = input;
    if (value instanceof Blob) bytes[name] = base64Of(new Uint8Array(await value.arrayBuffer()));
    if (value instanceof Uint8Array) bytes[name] = base64Of(value);
  }
  return { ...input, ...bytes };
}
