/** A bundle must be the package that it was made of, only sooner there. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packages } from "./bundles.mjs";

const root = join(import.meta.dirname, "../..");
const imported = ["typebox", "typebox/compile", "typebox/format", "typebox/value", "kysely", "kysely/migration"];

/** What a process of its own sees of these packages. */
function seen(before: string): {
  readonly [entry: string]: { readonly url: string; readonly names: readonly string[] };
} {
  const script = `${before}
    const format = await import("typebox/format");
    format.default.Set("even", (text) => text.length % 2 === 0);
    const { Compile } = await import("typebox/compile");
    if (!Compile({ type: "string", format: "even" }).Check("ab") || Compile({ type: "string", format: "even" }).Check("a"))
      throw new Error("Entries do not share their state.");
    const found = await Promise.all(${JSON.stringify(imported)}.map(async (entry) =>
      [entry, { url: import.meta.resolve(entry), names: Object.keys(await import(entry)) }]));
    console.log(JSON.stringify(Object.fromEntries(found)));`;
  const options = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
  const { stdout, stderr, status } = spawnSync(process.execPath, options, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as ReturnType<typeof seen>;
}

it("gives what the packages give, from one file for each entry", () => {
  const plain = seen("");
  const bundled = seen(`(await import("./mixins/node/bundles.mjs")).loadBundles();`);
  for (const entry of imported) {
    const [name] = entry.split("/");
    expect(packages).toContain(name);
    expect(plain[entry]!.url).not.toContain("/bundle/");
    expect(bundled[entry]!.url).toContain(`/node_modules/${name}/bundle/`);
    expect(bundled[entry]!.names).toEqual(plain[entry]!.names);
  }
});
