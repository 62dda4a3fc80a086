/** From what and from where somebody signs in, in words that people recognise, and no more exactly than that needs. */

/** Names in the order in which they are looked for: most browsers also claim to be the ones below them. */
const browsers = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bWhale\//, "Whale"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
] as const;
const systems = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac(?:intosh| OS X)\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
] as const;

type Names = readonly (readonly [pattern: RegExp, name: string])[];
const nameIn = (names: Names, text: string) => names.find(([pattern]) => pattern.test(text))?.[1];

/** `Chrome, Windows`; of other programs their own name, such as `curl`; null for what says nothing. */
export function deviceOf(userAgent: string | undefined): string | null {
  const text = userAgent ?? "";
  const known = [nameIn(browsers, text), nameIn(systems, text)].filter((name) => name !== undefined);
  return known.length > 0 ? known.join(", ") : (/^[\w.-]{1,40}/.exec(text)?.[0] ?? null);
}

/** The first 24 bits of an IPv4 address, or 48 of an IPv6 one: about a town or a provider. */
export function roughly(network: string | undefined): string | null {
  if (!network) return null;
  const octets = network.split(".");
  if (octets.length === 4) return `${octets.slice(0, 3).join(".")}.0/24`;
  return `${network.split(":").slice(0, 3).join(":")}::/48`;
}
