/** Every setting of every service and command: what it does not take ends the start with one sentence that names it. */
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, declared, defineConfig, type Setting } from "#core/config.ts";
import { root } from "../support/fixtures/source.ts";

for (const path of [
  "moleculer.config.ts",
  "scripts/cluster/binaries.ts",
  "mixins/node/demo.ts",
  ...globSync("services/*/*.service.ts", { cwd: root }),
])
  await import(join(root, path));

const settings = [...declared.values()].flatMap((own) => Object.entries(own));

const blanks = ["   ", "\t", "\n", "\u00a0"];
/** What no setting takes, whatever its kind. */
const never = [...blanks, "a\0b", "\u0007", "a\nb", "x".repeat(100_000)];
const nonsense = ["*", "nonsense!", "javascript:alert(1)", "data:,x", "../../etc/passwd", "{}", "[]", "null,"];
const noNumbers = [
  "",
  "NaN",
  "Infinity",
  "-Infinity",
  "1e999",
  "1e3",
  "0x10",
  "1.5",
  "-1",
  "1,000",
  "1_000",
  "٣",
  "１２",
];
const numbers = (least: number, most: number) => [
  ...noNumbers,
  ...nonsense,
  `${least - 1}`,
  `${most + 1}`,
  "9".repeat(30),
];
const noUrls = [...nonsense, "notaurl", "example.com", "//example.com", "http//example.com", "file:///etc/passwd"];
const urls = (schemes: readonly string[]) => [
  ...noUrls,
  "ftp://example.com",
  ...schemes.flatMap((scheme) => [
    `${scheme}:`,
    `${scheme}:/a b`,
    `${scheme}://a b`,
    `${scheme}://*`,
    `${scheme}://host:99999`,
    `${scheme}://host:port`,
    `x${scheme}://host`,
    ...(scheme === "tcp" ? [] : [`${scheme}://`, `${scheme}:///path`]),
  ]),
];

/** By the words that say what a setting takes. */
const kinds: readonly (readonly [RegExp, (found: RegExpExecArray) => readonly string[]])[] = [
  [/^a (?:whole number|port)(?: of milliseconds)? from (\d+) to (\d+)$/, ([, a, b]) => numbers(Number(a), Number(b))],
  [/^a number from 0 to 1$/, () => [...nonsense, "NaN", "1e999", "-0.1", "1.1", "2", "0,5", "50%", ".", ""]],
  [/^on or off$/, () => [...nonsense, "yes", "2", "ON ", "enabled"]],
  [/^one of (.+)$/, ([, all]) => [...nonsense, `${all}, more`, all!.toUpperCase(), `${all!.split(", ")[0]}x`]],
  [/^a URL that begins with (.+)$/, ([, all]) => urls(all!.match(/\w+(?=:)/g)!)],
  [
    /^URLs (?:of one kind )?that begin with (.+), separated by commas$/,
    ([, all]) => {
      const schemes = all!.match(/\w+(?=:)/g)!;
      const mixed = schemes.slice(1).map((scheme) => `${schemes[0]}://a,${scheme}://b`);
      return [...urls(schemes), ...mixed, ",", "http://a,,b"];
    },
  ],
  [
    /^origins /,
    () => [
      ...noUrls,
      "https://a.example/",
      "https://a.example/b",
      "HTTPS://A.example",
      "https://*.a.example",
      "ws://a.example",
      "https://user@a.example",
      "https://a.example:443",
      "null",
      ",",
    ],
  ],
  [
    /^an e-mail address/,
    () => [
      ...nonsense,
      "nonsense",
      "a@b",
      "@a.example",
      "a@",
      "a b@c.example",
      "Madang",
      "Madang <>",
      "A <a@b.example>, B <c@d.example>",
      "a@b.example <c@d.example",
      "A <a@b.example> x",
    ],
  ],
  [
    /^an IP address or the name of a host$/,
    () => [
      ...nonsense,
      "http://127.0.0.1",
      "127.0.0.1:80",
      "a b",
      "-a",
      "a..b",
      "[::1]",
      "h/",
      "0",
      "256.1.1.1",
      "1.2.3",
      "host.1",
    ],
  ],
  [/^a secret of at least (\d+) characters$/, ([, least]) => ["x".repeat(Number(least) - 1), "x"]],
  [
    /half of an Ed25519 key/,
    () => [
      ...nonsense,
      "-----BEGIN PRIVATE KEY-----",
      '{"kty":"OKP"}',
      '{"kty":"OKP","crv":"Ed25519","x":"AA"}',
      '{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}',
    ],
  ],
  [/^names of services/, () => ["*", "Order", "order payment", "order;payment", ",", "../order", "1"]],
  [/^letters, digits/, () => ["*", "a b", "a..b", ".a", "a>", "a/b", "x".repeat(201)]],
  [
    /^a way to balance/,
    () => [
      "*",
      "fastest",
      "order=fastest",
      "=latency",
      "order=",
      "shard",
      "shard:",
      "shard:a b",
      ",",
      "latency=order=cpu",
    ],
  ],
  [/^a time zone/, () => [...nonsense, "Seoul", "Asia/Soul", "UTC+9", "Asia/Seoul, UTC"]],
  [/^a text in PEM format/, () => [...nonsense, "-----BEGIN", "-----BEGIN PUBLIC KEY-----", "MIIB"]],
  [/^one to 6 lines/, () => ["|", "a|", "a||b", "x".repeat(101), "a|b|c|d|e|f|g"]],
  [/^one to eight capital letters/, () => [...nonsense, "m", "M-", "ABCDEFGHI", "M1", "마"]],
  [/^a country as two capital letters/, () => [...nonsense, "kr", "KOR", "K", "K1", "KR,JP"]],
  [
    /^networks such as/,
    () => [...nonsense, "10.0.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/8;fd00::/8", ",", "localhost/8"],
  ],
  [/^the name of a header$/, () => ["a b", "a:b", "x".repeat(101), "나라"]],
  [
    /^file:\/\/\/ with a folder/,
    () => [...nonsense, "films", "file://host/films", "file:films", "s3://", "s3://A", "s3://a"],
  ],
  [
    /^URLs such as https:\/\/ACCOUNT/,
    () => [
      ...nonsense,
      "https://api.twilio.com",
      "https://a:b@c",
      "https://a:b@c?from=1",
      "ftp://a:b@c?from=%2B15551234567",
    ],
  ],
  [/^a private key of the curve/, () => [...nonsense, "AA", "A".repeat(43)]],
  [/^an address such as mailto:/, () => [...nonsense, "ops@shop.example", "mailto:ops", "http://shop.example"]],
  [/^a text$/, () => []],
];

/** What the start says of a value; null when it takes it. */
function sentence(name: string, setting: Setting<unknown>, environment: Record<string, string>): string | null {
  try {
    defineConfig("spec", { [name]: setting }, environment);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
}

const wrongFor = ({ expected }: Setting<unknown>): readonly string[] => {
  const [kind, make] = kinds.find(([pattern]) => pattern.test(expected)) ?? [];
  if (!kind) throw new Error(`This spec has no wrong values for a setting that takes ${expected}: give it some.`);
  return make!(kind.exec(expected)!);
};

/** One sentence on one line, and no novel. */
const ONE = /^[^\n]{1,600}\.$/;

describe.each(settings)("%s", (name, setting) => {
  const folder = mkdtempSync(join(tmpdir(), "madang-settings-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has a default that it takes", () => {
    if (setting.example !== "") expect(setting.parse(setting.example)).toEqual(setting.fallback);
  });

  it("is one sentence when it is wrong, from the environment or from a file", () => {
    const wrong = [...never, ...wrongFor(setting).filter((value) => value !== "")];
    const path = join(folder, "value");
    for (const value of wrong) {
      const shown = [name, value.slice(0, 50)];
      // A line break at either end is no part of what a file says.
      const told = [sentence(name, setting, { [name]: value })];
      writeFileSync(path, value);
      told.push(sentence(name, setting, { [`${name}_FILE`]: path }));
      expect([...shown, ...told]).toEqual([...shown, expect.stringMatching(ONE), expect.stringMatching(ONE)]);
      for (const one of told) expect(one).toMatch(new RegExp(`^${name}(?:_FILE names)? `));
    }
  });

  it("names a file that it cannot have", () => {
    mkdirSync(join(folder, "folder"));
    for (const path of [join(folder, "missing"), join(folder, "folder"), "a\0b"])
      expect(sentence(name, setting, { [`${name}_FILE`]: path })).toMatch(
        new RegExp(`^${name}_FILE names .+ cannot be read \\(\\w+\\)\\.$`),
      );
  });
});
