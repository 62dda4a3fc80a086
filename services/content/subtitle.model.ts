/** Subtitles that people upload, as WebVTT or SRT: read strictly, and written as WebVTT that holds nothing but its cues. */
import { content } from "./content.contract.ts";

/** Bytes of a file, and cues in it. */
export const LARGEST = 1024 * 1024;
const MOST_CUES = 20_000;
const LONGEST_CUE = 2000;

const TIME = String.raw`(?:(\d{1,2}):)?([0-5]\d):([0-5]\d)[.,](\d{3})`;
const TIMING = new RegExp(`^\\s*${TIME}\\s+-->\\s+${TIME}(?:\\s+(.*))?$`);
/** Where a cue stands. Anything else, such as a region of a style sheet, is left out. */
const SETTING =
  /^(?:vertical:(?:rl|lr)|line:-?[\d.]+%?(?:,(?:start|center|end))?|position:[\d.]+%(?:,(?:line-left|center|line-right))?|size:[\d.]+%|align:(?:start|center|end|left|right))$/;
/** What WebVTT knows within a cue (section 3.1); SRT's `font`, and what is no tag, is not among it. */
const TAG = /<(?!\/?(?:b|i|u|c|v|lang|ruby|rt)(?:[.\s][^<>]*)?>|(?:\d{2,}:)?\d{2}:\d{2}\.\d{3}>)[^<>]*>/g;
/** Characters that are not shown, beside tabs and ends of lines. */
const CONTROL = /(?![\t\n])\p{Cc}/u;

const refused = (line: number, reason: keyof typeof reasons): Error =>
  content.error("SUBTITLES_INVALID", { line, reason, cause: reasons[reason] });

/** Stable words for clients. */
export const reasons = {
  NOT_TEXT: "It is no text in UTF-8.",
  TOO_LARGE: "It is larger than a megabyte, or has too many cues.",
  NO_CUES: "There are no cues in it.",
  TIME: "A cue must have a beginning, and an end after it.",
  TEXT: "A cue is too long, or has characters that cannot be shown.",
} as const;

const milliseconds = ([hours = "0", minutes, seconds, rest]: readonly (string | undefined)[]): number =>
  ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(rest);

function stamp(time: number): string {
  const part = (value: number, size: number) => String(value).padStart(size, "0");
  const [seconds, rest] = [Math.floor(time / 1000), time % 1000];
  return `${part(Math.floor(seconds / 3600), 2)}:${part(Math.floor(seconds / 60) % 60, 2)}:${part(seconds % 60, 2)}.${part(rest, 3)}`;
}

function textIn(bytes: Uint8Array): string {
  if (bytes.byteLength > LARGEST) throw refused(0, "TOO_LARGE");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll(/\r\n?/g, "\n").normalize("NFC");
  } catch {
    throw refused(0, "NOT_TEXT");
  }
}

/** @returns WebVTT. @throws SUBTITLES_INVALID with the line, counted from 1, and a stable reason */
export function webvttOf(bytes: Uint8Array): string {
  const lines = textIn(bytes).split("\n");
  const cues: { readonly begin: number; readonly cue: string }[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (!lines[at]!.includes("-->")) continue;
    let end = at + 1;
    while (end < lines.length && lines[end]!.trim() !== "") end += 1;
    const words = lines.slice(at + 1, end);
    if (cues.push(cueOf(lines[at]!, words, at + 1)) > MOST_CUES) throw refused(at + 1, "TOO_LARGE");
    at = end;
  }
  if (cues.length === 0) throw refused(0, "NO_CUES");
  const sorted = cues.toSorted((a, b) => a.begin - b.begin).map(({ cue }) => cue);
  return `WEBVTT\n\n${sorted.join("\n\n")}\n`;
}

function cueOf(timing: string, words: readonly string[], line: number): { begin: number; cue: string } {
  const found = TIMING.exec(timing);
  const [begin, end] = [milliseconds(found?.slice(1, 5) ?? []), milliseconds(found?.slice(5, 9) ?? [])];
  if (!found || end <= begin) throw refused(line, "TIME");
  const text = words
    .map((word) => word.replaceAll(TAG, "").trimEnd())
    .filter(Boolean)
    .join("\n");
  if (text.length > LONGEST_CUE || CONTROL.test(text) || text.includes("-->")) throw refused(line, "TEXT");
  const settings = (found[9] ?? "").split(/\s+/).filter((setting) => SETTING.test(setting));
  return { begin, cue: [[stamp(begin), "-->", stamp(end), ...settings].join(" "), text].join("\n").trimEnd() };
}
