/** E-mails as their readers see them, and those that a platform has written to files instead of sending them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly language: string;
  /** The part of it that is plain text. */
  readonly text: string;
  /** A header with its encoded words decoded (RFC 2047); empty where there is none. */
  header(name: string): string;
}

/** The octets of a text in which some are written as =XX. */
const octets = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );

/** Encoded words that follow each other may split a character, so their octets are joined first. */
function decodeWords(text: string): string {
  return text.replaceAll(/(?:=\?UTF-8\?[BQ]\?[^?]*\?=\s*)+/gi, (words) => {
    const parts = [...words.matchAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi)].map(([, encoding, encoded]) =>
      encoding!.toUpperCase() === "B" ? Buffer.from(encoded!, "base64") : octets(encoded!.replaceAll("_", " ")),
    );
    return Buffer.concat(parts).toString();
  });
}

function plainText(mail: string): string {
  const part = /Content-Type: text\/plain[^]*?Content-Transfer-Encoding: (\S+)[^]*?\r\n\r\n([^]*?)\r\n--/.exec(mail);
  const [, encoding, body = ""] = part ?? [];
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  return encoding === "quoted-printable" ? octets(body.replaceAll(/=\r\n/g, "")).toString() : body;
}

/** @param mail as it is sent (RFC 5322) */
export function parseMail(mail: string): Mail {
  const head = mail.slice(0, mail.indexOf("\r\n\r\n")).replaceAll(/\r\n[ \t]+/g, " ");
  const header = (name: string) => decodeWords(new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1] ?? "").trim();
  return {
    to: /<([^>]+)>/.exec(header("To"))?.[1] ?? header("To"),
    subject: header("Subject"),
    language: header("Content-Language"),
    text: plainText(mail),
    header,
  };
}

/** Mails to an address, in no order. */
export function mailsTo(dataDir: string, address: string): Mail[] {
  const folder = join(dataDir, "mail");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".eml"));
  return files.map((name) => parseMail(readFileSync(join(folder, name), "utf8"))).filter(({ to }) => to === address);
}
