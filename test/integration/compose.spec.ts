/** What can be known of docker-compose.yml without a container engine. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { declared } from "#core/config.ts";
import { serveOne, services as servicePaths } from "../../scripts/runtime.mjs";
import { root, serviceNames } from "../support/source.ts";

interface Stanza {
  readonly image: string;
  readonly build?: object;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly object[];
  readonly container_name?: string;
  readonly depends_on?: Readonly<Record<string, object>>;
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> } };
  readonly [key: string]: unknown;
}

interface Compose {
  readonly services: Readonly<Record<string, Stanza>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const compose = parse(read("docker-compose.yml"), { merge: true }) as Compose;
const stanzas = Object.entries(compose.services);
const own = stanzas.filter(([, { build }]) => build !== undefined);
const servers = new Set(stanzas.filter(([, { build }]) => build === undefined).map(([name]) => name));

beforeAll(async () => {
  const files = globSync(["mixins/**/*.ts", "services/*/*.config.ts"], { cwd: root });
  const settings = files.filter((path) => !path.endsWith(".spec.ts") && read(path).includes("defineConfig("));
  for (const path of settings) await import(join(root, path));
});

describe("docker-compose.yml", () => {
  it("has a stanza for every service, which runs that service alone", () => {
    const alone = own.map(([name, { environment }]) => [name, environment?.["SERVICES"]]);
    expect(alone.filter(([, services]) => services !== undefined)).toEqual(
      alone.filter(([, services]) => services !== undefined).map(([name]) => [name, name]),
    );
    expect(alone.flatMap(([, services]) => services ?? []).toSorted()).toEqual(serviceNames);
  });

  it.each(stanzas)("%s is confined and limited", (_, stanza) => {
    expect(stanza).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      restart: expect.stringMatching(/^(?:unless-stopped|no)$/),
      logging: { options: { "max-size": expect.any(String), "max-file": expect.any(String) } },
      deploy: {
        resources: { limits: { cpus: expect.any(String), memory: expect.any(String), pids: expect.any(Number) } },
      },
    });
    // Two containers of one name could not be.
    expect(stanza.container_name).toBeUndefined();
    // The image of the services brings its own.
    expect(stanza.build ?? stanza["healthcheck"]).toBeDefined();
  });

  it("opens the load balancer to the outside, and nothing else", () => {
    expect(stanzas.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(["haproxy"]);
  });

  it.each(own)("%s waits for no other service, so that they start in any order", (_, { depends_on = {} }) => {
    expect(Object.keys(depends_on).filter((name) => !servers.has(name))).toEqual([]);
  });

  it.each(own)("%s sets only what some configuration declares", (_, { environment = {} }) => {
    const known = new Set([...declared.values()].flatMap(Object.keys));
    const names = Object.keys(environment).map((name) => (known.has(name) ? name : name.replace(/_FILE$/, "")));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(stanzas)("%s reads secrets from files that it was given", (_, { environment = {}, secrets = [] }) => {
    const files = Object.entries(environment).filter(([name]) => name.endsWith("_FILE"));
    const given = new Set(secrets.map((name) => `/run/secrets/${name}`));
    expect(files.filter(([, path]) => !given.has(path))).toEqual([]);
    const inline = Object.keys(environment).filter((name) => /(?:KEY|SECRET|PASSWORD|TOKEN|TRANSPORTER)$/.test(name));
    expect(inline).toEqual([]);
    expect(secrets.filter((name) => !(name in compose.secrets))).toEqual([]);
  });

  it("holds no password in any address", () => {
    expect(read("docker-compose.yml")).not.toMatch(/:\/\/[^\s/]*:[^\s/]*@/);
  });

  it("keeps its secrets where git does not look", () => {
    expect(Object.values(compose.secrets).filter(({ file }) => !file.startsWith("deploy/secrets/"))).toEqual([]);
    expect(read(".gitignore").split("\n")).toContain("/deploy/secrets/");
  });

  it("mounts files that exist", () => {
    const mounted = stanzas.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(":")[0]!));
    const files = mounted.filter((path) => path.startsWith("./"));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe("deploy/Dockerfile", () => {
  const dockerfile = read("deploy/Dockerfile");
  const line = (name: string) => JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, "m").exec(dockerfile)![1]!) as string[];

  it("starts a node as a local cluster does", () => {
    const [command, quiet, ...flags] = line("ENTRYPOINT");
    expect([command, quiet]).toEqual(["node", "--disable-warning=ExperimentalWarning"]);
    expect([...flags, ...line("CMD")]).toEqual([...serveOne, servicePaths]);
  });

  it("does not run as root, and needs nothing that a registry may not have", () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).not.toMatch(/# syntax=|@sha256:/);
  });

  it("copies only what .dockerignore lets through", () => {
    const allowed = read(".dockerignore")
      .split("\n")
      .filter((entry) => entry.startsWith("!"));
    const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(" "));
    expect([...new Set(copied)].toSorted()).toEqual(allowed.map((entry) => entry.slice(1)).toSorted());
  });
});
