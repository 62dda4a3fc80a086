import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ConfigError,
  count,
  dataPath,
  declared,
  defineConfig,
  duration,
  flag,
  generatedSecret,
  listOf,
  oneOf,
  optional,
  port,
  secret,
  type Setting,
  text,
  url,
} from "./config.ts";

const read = <T>(setting: Setting<T>, value?: string) => defineConfig("spec", { NAME: setting }, { NAME: value }).NAME;

describe("defineConfig", () => {
  it("reads what is set, and falls back for what is not", () => {
    const settings = {
      SPEC_NAME: text("A name.", "madang"),
      SPEC_PORT: port("A port.", 3000),
      SPEC_ON: flag("A switch.", false),
      SPEC_URL: optional(text("A place.")),
    };
    const config = defineConfig("spec", settings, { SPEC_PORT: " 8080 ", SPEC_ON: "on", SPEC_NAME: "" });
    expect(config).toEqual({ SPEC_NAME: "madang", SPEC_PORT: 8080, SPEC_ON: true, SPEC_URL: null });
    expect(Object.isFrozen(config)).toBe(true);
    expect(declared.get("spec")).toBe(settings);
  });

  it.each<[string, Setting<unknown>, string, unknown]>([
    ["a flag", flag(""), "off", false],
    ["a flag as a number", flag(""), "1", true],
    ["a list", listOf("words", (part) => part)(""), "a, b,,c ", ["a", "b", "c"]],
    ["a choice", oneOf(["a", "b"], ""), "b", "b"],
    ["a duration", duration("", 1, { least: 0 }), "0", 0],
    ["an optional count", optional(count("")), "7", 7],
  ])("reads %s", (_, setting, value, expected) => expect(read(setting, value)).toEqual(expected));

  it.each<[Setting<unknown>, string | undefined, string]>([
    [text(""), undefined, "NAME must be set."],
    [text(""), "  ", 'NAME must be a text, not "  ".'],
    [port(""), "65536", 'NAME must be a port from 0 to 65535, not "65536".'],
    [port("", 1), "-1", 'NAME must be a port from 0 to 65535, not "-1".'],
    [port(""), "80.5", 'NAME must be a port from 0 to 65535, not "80.5".'],
    [count(""), "many", 'NAME must be a whole number from 0 to 1000000000, not "many".'],
    [count("", 1, { least: 1, most: 5 }), "6", 'NAME must be a whole number from 1 to 5, not "6".'],
    [duration(""), "5s", 'NAME must be a whole number of milliseconds from 1 to 2147483647, not "5s".'],
    [secret(12)(""), "sesame", "NAME must be a secret of at least 12 characters."],
    [url(["http"], ""), "ftp://ann:sesame@host", "NAME must be a URL that begins with http://."],
    [flag(""), "yes", 'NAME must be on or off, not "yes".'],
    [oneOf(["json", "pretty"], ""), "xml", 'NAME must be one of json, pretty, not "xml".'],
    [optional(count("")), "-", 'NAME must be a whole number from 0 to 1000000000, not "-".'],
  ])("says in one sentence what is wrong (%#)", (setting, value, sentence) => {
    expect(() => read(setting, value)).toThrow(new ConfigError(sentence));
  });
});

describe("dataPath", () => {
  it("makes the folders above the path", () => {
    expect(dataPath("a", "b", "c.db")).toBe(join(process.env.DATA_DIR!, "a", "b", "c.db"));
    expect(statSync(join(process.env.DATA_DIR!, "a", "b")).mode & 0o777).toBe(0o700);
  });

  it("names the folder that cannot be written", () => {
    writeFileSync(dataPath("file"), "");
    expect(() => dataPath("file", "below", "it")).toThrow(
      `The data folder ${process.env.DATA_DIR} cannot be written (ENOTDIR): set DATA_DIR to another.`,
    );
  });
});

describe("the data folder", () => {
  const made = (...files: string[]): string => {
    const folder = mkdtempSync(join(process.env.DATA_DIR!, "made-"));
    for (const file of files) mkdirSync(join(folder, file));
    chmodSync(folder, 0o755);
    const program = `(await import("#core/config.ts")).dataPath("x")`;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
    const { status } = spawnSync(process.execPath, args, { env: { DATA_DIR: folder } });
    expect(status).toBe(0);
    return (statSync(folder).mode & 0o777).toString(8);
  };

  it("is closed to others where somebody made it beforehand", () => {
    expect(made()).toBe("700");
    expect(made("keys", "more")).toBe("700");
  });

  it("is left as it is where it holds other things", () => expect(made("etc", "usr")).toBe("755"));
});

describe("generatedSecret", () => {
  it("is made once and readable by its owner only", () => {
    const make = jest.fn(() => "made");
    expect(generatedSecret("once", make)).toBe("made");
    expect(generatedSecret("once", () => "made again")).toBe("made");
    expect(make).toHaveBeenCalledTimes(1);
    const path = join(process.env.DATA_DIR!, "keys", "once");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe("made");
  });

  it("is the same for who lost the race to make it", () => {
    const late = generatedSecret("raced", () => {
      generatedSecret("raced", () => "first");
      return "second";
    });
    expect(late).toBe("first");
  });
});

describe("keys", () => {
  const pair = () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    return [privateKey, publicKey].map((key) => JSON.stringify(key.export({ format: "jwk" }), null, 2)) as [
      string,
      string,
    ];
  };
  const [first, second] = [pair(), pair()];
  const start = (environment: Record<string, string>, use: string) =>
    spawnSync(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        "--input-type=module",
        "--eval",
        `console.log(JSON.stringify((await import("#mixins/node/keys.ts")).${use}()))`,
      ],
      { encoding: "utf8", env: { DATA_DIR: process.env.DATA_DIR!, ...environment } },
    );

  it.each([
    [{ SERVICE_KEY: "short" }, "SERVICE_KEY must be a secret of at least 32 characters."],
    [{ TOKEN_PRIVATE_KEY: first[1] }, "TOKEN_PRIVATE_KEY must be the private half of an Ed25519 key in JWK format."],
    [{ TOKEN_PUBLIC_KEY: first[0] }, "TOKEN_PUBLIC_KEY must be the public half of an Ed25519 key in JWK format."],
    [{ TOKEN_PRIVATE_KEY: first[0], TOKEN_PUBLIC_KEY: second[1] }, "TOKEN_PUBLIC_KEY is not the other half of "],
  ])("are refused when they are wrong (%#)", (environment, sentence) => {
    const { stderr } = start(environment, "serviceKey");
    expect(stderr).toContain(`ConfigError: ${sentence}`);
    expect(stderr).not.toContain((JSON.parse(first[0]) as { d: string }).d);
  });

  it("may have several lines", () => {
    const { stdout } = start({ TOKEN_PRIVATE_KEY: first[0], TOKEN_PUBLIC_KEY: first[1] }, "tokenPublicKey");
    expect(JSON.parse(stdout)).toMatchObject(JSON.parse(first[1]) as object);
  });

  it("of a damaged file are told with what to do", () => {
    const dataDir = mkdtempSync(join(process.env.DATA_DIR!, "keys-"));
    mkdirSync(join(dataDir, "keys"));
    writeFileSync(join(dataDir, "keys", "token.jwk"), "{}");
    expect(start({ DATA_DIR: dataDir }, "tokenPublicKey").stderr).toMatch(
      /ConfigError: The key \S+ is damaged: restore it/,
    );
  });
});
