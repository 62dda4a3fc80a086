/** Chooses the best language for a client, among those that we write. */
import type { Language } from "#core/text.ts";

/** RFC 9110 section 12.4.2. */
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
const REMEMBERED = 200;
const known = new Map<string, Language | undefined>();

/** The best of `en` and `ko` in an Accept-Language header (RFC 9110 section 12.5.4), if it names one. */
export function preferredLanguage(header: string | undefined): Language | undefined {
  if (header === undefined) return undefined;
  if (known.has(header)) return known.get(header);
  if (known.size >= REMEMBERED) known.clear();
  const language = read(header);
  known.set(header, language);
  return language;
}

function read(header: string): Language | undefined {
  let best: { language: Language; quality: number } | undefined;
  for (const range of header.split(",", 20)) {
    const [tag = "", ...parameters] = range
      .toLowerCase()
      .split(";")
      .map((part) => part.trim());
    const language = tag.split("-", 1)[0];
    if (language !== "en" && language !== "ko") continue;
    const weight = parameters.find((one) => one.startsWith("q="))?.slice(2) ?? "1";
    const quality = WEIGHT.test(weight) ? Number(weight) : 0;
    if (quality > (best?.quality ?? 0)) best = { language, quality };
  }
  return best?.language;
}
