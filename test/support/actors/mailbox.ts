/** The e-mails that a platform has written instead of sending them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly language: string;
}

/** Octets of RFC 2047's Q encoding. */
const octets = (text: string): Buffer =>
  Buffer.from(
    text
      .replaceAll("_", " ")
      .replaceAll(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );

/** Encoded words that follow each other may split a character, so their octets are joined first. */
function decodeWords(text: string): string {
  return text.replaceAll(/(?:=\?UTF-8\?[BQ]\?[^?]*\?=\s*)+/gi, (words) => {
    const parts = [...words.matchAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi)].map(([, encoding, encoded]) =>
      encoding!.toUpperCase() === "B" ? Buffer.from(encoded!, "base64") : octets(encoded!),
    );
    return Buffer.concat(parts).toString();
  });
}

function parse(text: string): Mail {
  const head = text.slice(0, text.indexOf("\r\n\r\n")).replaceAll(/\r\n[ \t]+/g, " ");
  const field = (name: string) => decodeWords(new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1] ?? "").trim();
  return {
    to: /<([^>]+)>/.exec(field("To"))?.[1] ?? field("To"),
    subject: field("Subject"),
    language: field("Content-Language"),
  };
}

/** Mails to an address, in no order. */
export function mailsTo(dataDir: string, address: string): Mail[] {
  const folder = join(dataDir, "mail");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".eml"));
  return files.map((name) => parse(readFileSync(join(folder, name), "utf8"))).filter(({ to }) => to === address);
}
