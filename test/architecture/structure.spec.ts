/** The house rules that a compiler does not know: where files are, what things are called, who reads the environment. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { contracts, filesOf, root, serviceNames, sourcesIn } from "../support/fixtures/source.ts";

const IMPORT = /(?:^|\n)\s*(?:import|export)[^"']*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;
const relativePath = (path: string): string => relative(root, path);
const specifiersIn = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(IMPORT)].map(([, from, lazily]) => (from ?? lazily)!);

/** Files outside its own folder that a service reaches by a relative path. */
function escapes(service: string): string[] {
  const folder = join(root, "services", service);
  const reached = filesOf(service).flatMap((path) =>
    specifiersIn(path).map((specifier) => (specifier.startsWith(".") ? resolve(path, "..", specifier) : folder)),
  );
  return reached.filter((path) => !path.startsWith(folder)).map(relativePath);
}

/** A gateway speaks for people and keeps nothing: it has no tables of its own. */
const domain = serviceNames.filter((name) => !contracts.get(name)?.gateway);

/** What a file of a service is for. A role that is not here needs a reason. */
const roles = new Set([
  "contract", // what others may know: actions, events, errors
  "service", // the table of contents
  "model", // pure rules
  "repository", // all SQL
  "tables", // the types of tables that several repositories share
  "projection", // rows as others see them
  "policy", // who may see what
  "transition", // guard, state and event of each move
  "saga", // the steps of what takes several services
  "pricing", // what an order costs
  "placement", // one order for one idempotency key
  "reservation", // stock that is held for orders
  "settlement", // our books and the provider's, brought to agree
  "webhook", // what a webhook of the provider does
  "reconciliation", // what is unfinished, asked of the provider again
  "alarms", // what a person must look at
  "mixin", // adds one name to the service
  "provider", // the way to a system of others
  "template", // words for customers
  "config", // the environment
  "delivery", // answers requests for files
  "demo", // what a newcomer finds in the shop
  "process", // the entry of a process of its own
]);

describe("a service", () => {
  it.each(serviceNames)("%s imports no other service", (name) => {
    // The gateway tells the platform's version.
    expect(escapes(name).filter((path) => path !== "package.json")).toEqual([]);
    const specifiers = filesOf(name).flatMap(specifiersIn);
    expect(specifiers.filter((specifier) => specifier.includes("services/"))).toEqual([]);
  });

  it.each(domain)("%s has the files of the pattern", (name) => {
    const has = (role: string) => existsSync(join(root, `services/${name}/${name}.${role}.ts`));
    const keeps = existsSync(join(root, `services/${name}/migrations`)) ? ["repository"] : [];
    const roles = ["contract", "service", ...keeps, "service.spec", ...(has("model") ? ["model.spec"] : [])];
    const missing = roles.filter((role) => !has(role));
    expect(missing).toEqual([]);
    const migrations = globSync("*.ts", { cwd: join(root, `services/${name}/migrations`) }).toSorted();
    const numbers = migrations.map((_, index) => String(index + 1).padStart(4, "0"));
    expect(migrations.map((file) => /^(\d{4})_[a-z_]+\.ts$/.exec(file)?.[1])).toEqual(numbers);
  });

  it.each(domain)("%s keeps its SQL in repositories and its rules free of input and output", (name) => {
    const named = (role: string) => filesOf(name).filter((path) => path.endsWith(`.${role}.ts`));
    for (const path of named("model")) expect(readFileSync(path, "utf8")).not.toMatch(/\.db\b|\bctx\b|node:fs/);
    for (const path of named("service"))
      expect(readFileSync(path, "utf8")).not.toMatch(/selectFrom|insertInto|deleteFrom/);
  });

  it.each(domain)("%s has files of known roles: <noun>.<role>.ts", (name) => {
    const files = filesOf(name).map((path) => relative(join(root, "services", name), path));
    const own = files.filter((path) => !/(?:^|\/)migrations\/|^sandbox\//.test(path));
    expect(own.filter((path) => !roles.has(/^(?:\w+\/)?[a-z-]+\.([a-z]+)\.ts$/.exec(path)?.[1] ?? ""))).toEqual([]);
  });

  it.each(domain)("%s is declared by a contract of its name", (name) => {
    expect(contracts.get(name)).toMatchObject({ name, version: 1, summary: expect.any(String) });
  });
});

const verbs =
  "add|adjust|advance|approve|archive|authorize|buy|cancel|capture|change|claim|commit|confirm|contact|create|discard|drain|edit|entitle|" +
  "erase|export|get|grant|hold|list|lookup|merge|offer|pause|preview|publish|quote|redeem|refresh|refund|release|remove|replay|receive|reserve|reset|resume|" +
  "retry|reverse|save|seed|send|set|settle|sign|subscribe|unsubscribe|update|watch|withdraw";
const VERB = new RegExp(`^(?:${verbs})(?:[A-Z][A-Za-z]*)?$`);
const PAST = /^(?:[a-z]+_)*(?:[a-z]+ed|paid)$/;

describe("a file", () => {
  const longerThan = (most: number, files: readonly string[]): string[] =>
    files.filter((path) => readFileSync(path, "utf8").split("\n").length > most + 1).map(relativePath);

  it("of production code has 250 lines at most", () => {
    expect(longerThan(250, ["mixins", "services", "scripts", "deploy"].flatMap(sourcesIn))).toEqual([]);
  });

  it("of tests has 300 lines at most", () => {
    const tests = globSync("{mixins,services,test,bench}/**/*.ts", { cwd: root }).map((path) => join(root, path));
    expect(longerThan(300, tests)).toEqual([]);
  });
});

describe("names", () => {
  const actions = [...contracts.values()].flatMap(({ name, actions }) =>
    Object.entries(actions).map(([key, action]) => [`${name}.${key}`, key, action] as const),
  );

  it.each(actions)("%s begins with a verb, says who may call it, and what for", (_, key, { auth, summary }) => {
    expect(key).toMatch(VERB);
    expect(["public", "customer", "staff", "admin", "service"]).toContain(auth);
    expect(summary).not.toBe("");
  });

  const routes = actions.flatMap(([name, , { rest }]) => (rest ? [[name, rest] as const] : []));

  it.each(routes)("%s has a route of plural nouns in kebab-case: %s", (_, rest) => {
    const [, path] = rest.split(" ") as [string, string];
    for (const segment of path.slice(1).split("/")) expect(segment).toMatch(/^(?::[a-z][A-Za-z]*|[a-z]+(?:-[a-z]+)*)$/);
  });

  it("give every route to one action", () => {
    const seen = routes.map(([, rest]) => rest.replaceAll(/:\w+/g, ":"));
    expect(seen.filter((rest, index) => seen.indexOf(rest) !== index)).toEqual([]);
  });

  it.each([...contracts.values()].flatMap(({ name, events = {} }) => Object.keys(events).map((key) => [name, key])))(
    "%s.%s is told in the past tense",
    (_, key) => {
      expect(key).toMatch(PAST);
    },
  );
});

describe("inputs", () => {
  interface Schema {
    readonly type?: string;
    readonly additionalProperties?: unknown;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
    readonly anyOf?: readonly Schema[];
    readonly [keyword: string]: unknown;
  }

  /** Where a schema lets through more than it says. */
  function unbounded(schema: Schema, path: string): string[] {
    const { type, properties = {}, items, anyOf = [] } = schema;
    const lacks = (keyword: string) => (schema[keyword] === undefined ? [`${path} lacks ${keyword}`] : []);
    const bounds: Readonly<Record<string, readonly string[]>> = {
      string: ["maxLength"],
      integer: ["minimum", "maximum"],
      number: ["minimum", "maximum"],
      array: ["maxItems"],
      object: ["additionalProperties"],
    };
    const isFixed = ["const", "enum", "patternProperties"].some((keyword) => keyword in schema);
    const own = isFixed ? [] : (bounds[type ?? ""] ?? []).flatMap(lacks);
    const others = Object.values((schema["patternProperties"] as Record<string, Schema> | undefined) ?? {});
    const isFree = type === "string" && !isFixed && !("format" in schema) && !("pattern" in schema);
    return [
      ...own,
      ...(isFree ? [`${path} lacks a format or a pattern`] : []),
      ...(others.length > 0 ? lacks("maxProperties") : []),
      ...others.flatMap((one) => unbounded({ format: "raw", ...one }, `${path}/*`)),
      ...Object.entries(properties).flatMap(([name, one]) => unbounded(one, `${path}/${name}`)),
      ...(items ? unbounded(items, `${path}/items`) : []),
      ...anyOf.flatMap((one) => unbounded(one, path)),
    ];
  }

  it.each([...contracts.values()].map((contract) => [contract.name, contract] as const))(
    "of %s are bounded and take no field they do not know",
    (_, { actions }) => {
      expect(Object.entries(actions).flatMap(([key, { input }]) => unbounded(input as Schema, key))).toEqual([]);
    },
  );
});

describe("the environment", () => {
  it("is read in one place", () => {
    const readers = [...sourcesIn("mixins"), ...sourcesIn("services"), join(root, "moleculer.config.ts")].filter(
      (path) => /process\s*(?:\?\.|\.)\s*env\b|\benv\b[^\n]*from "node:process"/.test(readFileSync(path, "utf8")),
    );
    expect(readers.map(relativePath)).toEqual([
      "mixins/core/config.ts",
      // These act before settings can be read, or when they cannot.
      "mixins/node/join.ts",
      "mixins/node/process.ts",
      "mixins/node/say.ts",
    ]);
  });
});
