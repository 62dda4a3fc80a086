/** What can be known of docker-compose.yml without a container engine. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { declared } from "#core/config.ts";
import { serveOne, services as servicePaths } from "#mixins/node/runtime.mjs";
import { programs, servers, services as placed } from "../../deploy/topology.ts";
import { root, serviceNames } from "../support/fixtures/source.ts";

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
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] };
  readonly deploy?: {
    readonly replicas?: string;
    readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> };
  };
  readonly [key: string]: unknown;
}

interface Compose {
  readonly services: Readonly<Record<string, Stanza>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const compose = parse(read("docker-compose.yml"), { merge: true }) as Compose;
const stanzas = Object.entries(compose.services);
const isOwn = ({ image }: Stanza): boolean => /^madang(?:-content)?:/.test(image);
const own = stanzas.filter(([, stanza]) => isOwn(stanza));
const foreign = new Set(stanzas.filter(([, stanza]) => !isOwn(stanza)).map(([name]) => name));

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
    expect(isOwn(stanza) || stanza["healthcheck"]).toBeTruthy();
  });

  it.each(stanzas)("%s is looked at seldom once it has started", (_, { healthcheck, restart }) => {
    // `docker compose up --wait` fails for a container that stays and is never looked at.
    if (healthcheck?.disable) expect(restart).toBe("no");
    else if (healthcheck) expect(healthcheck).toMatchObject({ interval: "90s", start_interval: "1s" });
  });

  it("builds each image once, for all who share it", () => {
    const built = own.filter(([, { build }]) => build !== undefined).map(([, { image }]) => image);
    expect(built.toSorted()).toEqual([...new Set(own.map(([, { image }]) => image))].toSorted());
    expect(own.filter(([, stanza]) => stanza["pull_policy"] !== "never")).toEqual([]);
  });

  it.each(serviceNames)("has as many nodes of %s as .env says, whatever is scaled", (name) => {
    const variable = `${name.toUpperCase().replaceAll("-", "_")}_REPLICAS`;
    const replicas = new RegExp(`^\\$\\{${variable}:-(\\d+)\\}$`).exec(compose.services[name]!.deploy!.replicas!);
    expect(replicas).not.toBeNull();
    expect(read("deploy/.env.example")).toContain(`#${variable}=${replicas![1]}\n`);
  });

  it("opens the load balancer, an edge and, where it is asked for, gRPC to this machine, and nothing else", () => {
    const open = stanzas.filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name, { profiles }]) => [name, profiles])).toEqual([
      ["grpc", ["grpc"]],
      ["edge", undefined],
      ["haproxy", undefined],
    ]);
    for (const [, { ports }] of open) expect(ports).toMatchObject([{ host_ip: "${ADDRESS:-127.0.0.1}" }]);
  });

  it.each(stanzas.filter(([name]) => foreign.has(name) && name !== "streams-owner"))(
    "%s does not run as root",
    (name, { user }) => {
      // HAProxy's image has a user of its own.
      if (name !== "haproxy") expect(user).toMatch(/^(?!0|root)/);
    },
  );

  it.each(own)("%s waits for no other service, so that they start in any order", (_, { depends_on = {} }) => {
    expect(Object.keys(depends_on).filter((name) => !foreign.has(name))).toEqual([]);
  });

  it.each(own)("%s sets only what some configuration declares", (_, { environment = {} }) => {
    const known = new Set([...declared.values()].flatMap(Object.keys));
    const names = Object.keys(environment).map((name) => (known.has(name) ? name : name.replace(/_FILE$/, "")));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(stanzas)("%s reads secrets from files that it was given", (_, { environment = {}, secrets = [] }) => {
    const files = Object.entries(environment).filter(([name]) => name.endsWith("_FILE"));
    const given = new Set(secrets.map((name) => `/run/secrets/${name}`));
    const unlessSet = (path: string) => path.replace(/\$\{\w+:-([\w-]+)\}/, "$1");
    expect(files.filter(([, path]) => !given.has(unlessSet(path)))).toEqual([]);
    const inline = Object.keys(environment).filter((name) => /(?:KEY|SECRET|PASSWORD|TOKEN|TRANSPORTER)$/.test(name));
    expect(inline).toEqual([]);
    expect(secrets.filter((name) => !(name in compose.secrets))).toEqual([]);
  });

  it.each(["kafka", "rabbitmq"])("has %s only when asked for, whose address every service was given", (bus) => {
    const { profiles, secrets } = compose.services[bus]!;
    expect([profiles, secrets]).toEqual([[bus], [`${bus}_password`]]);
    for (const name of serviceNames) {
      const service = compose.services[name]!;
      expect(service.secrets).toContain(`${bus}_url`);
      expect(service.environment!["BUS_URL_FILE"]).toBe(`/run/secrets/\${BUS_SECRET:-${name}_transporter}`);
    }
    expect(read("deploy/.env.example")).toContain("#BUS_SECRET=\n");
  });

  it("runs a command with its words only when asked for", () => {
    const asked = own.filter(([, { profiles, environment }]) => profiles && !environment?.["SERVICES"]);
    expect(asked.map(([name, { restart }]) => [name, restart])).toEqual([
      ["seed", "no"],
      ["admin", "no"],
    ]);
    // What follows the stanza's name takes the place of `command`, so that the program has to stand before.
    const { entrypoint, command } = compose.services["admin"]!;
    expect([(entrypoint as string[]).at(-1), command]).toEqual(["services/user/admin.process.ts", []]);
  });

  it("leads each to the port on which the other listens", () => {
    const defaultOf = (name: string) => [...declared.values()].flatMap((settings) => settings[name]?.example ?? []);
    expect(defaultOf("PAYMENT_SANDBOX_PORT")).toEqual([`${programs.provider.port}`]);
    expect(compose.services["payment"]!.environment!["PAYMENT_SANDBOX_URL"]).toBe(
      `http://provider:${programs.provider.port}`,
    );
    const gateways = serviceNames.filter((name) => placed[name]!.port !== undefined);
    const listening = (setting: string) =>
      gateways.flatMap((name) => {
        const port = compose.services[name]!.environment![setting];
        return port === undefined ? [] : [`${name}:${port}`];
      });
    expect(compose.services["haproxy"]!.environment).toMatchObject({
      HAPROXY_GATEWAYS: listening("PORT").join(),
      HAPROXY_MCP: listening("MCP_PORT").join(),
      HAPROXY_UPLOADS: listening("CONTENT_PORT").join(),
      HAPROXY_FILMS: listening("EDGE_PORT").join(),
    });
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

describe("deploy/secrets.mjs", () => {
  let folder: string;
  const secret = (name: string): string => readFileSync(join(folder, "deploy/secrets", name), "utf8");
  const make = () => spawnSync(process.execPath, ["deploy/secrets.mjs"], { cwd: folder, encoding: "utf8" });

  /** Where nothing is but Node and what the script reads. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "madang-secrets-"));
    mkdirSync(join(folder, "deploy"));
    for (const path of ["deploy/secrets.mjs", "docker-compose.yml"]) copyFileSync(join(root, path), join(folder, path));
    expect(make()).toMatchObject({ status: 0, stderr: "" });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("makes the secrets of docker-compose.yml, readable in a folder that is closed", () => {
    expect(readdirSync(join(folder, "deploy/secrets"))).toEqual(Object.keys(compose.secrets));
    const modes = ["", ...Object.keys(compose.secrets)].map(
      (name) => statSync(join(folder, "deploy/secrets", name)).mode & 0o777,
    );
    expect([...new Set(modes)]).toEqual([0o700, 0o444]);
  });

  it("makes addresses that lead to the servers of the topology", () => {
    const urls = Object.keys(compose.secrets)
      .map(secret)
      .filter((text) => URL.canParse(text))
      .map((text) => new URL(text));
    const { kafka, nats, postgres, rabbitmq, redis } = servers;
    expect([...new Set(urls.map(({ protocol, host }) => `${protocol}//${host}`))].toSorted()).toEqual([
      `amqp://rabbitmq:${rabbitmq.port}`,
      `kafka://kafka:${kafka.port}`,
      `nats://nats:${nats.port}`,
      `postgres://postgres:${postgres.port}`,
      `redis://redis:${redis.port}`,
    ]);
    expect(new Set(urls.map(({ password }) => password)).size).toBe(urls.length);
  });

  it("has a password for each user of NATS", () => {
    const users = globSync("deploy/nats*.conf", { cwd: root }).flatMap(
      (path) => read(path).match(/NATS_\w+_PASSWORD/g) ?? [],
    );
    const known = secret("nats_passwords").match(/^\w+(?==)/gm)!;
    expect(known.toSorted()).toEqual(users.toSorted());
  });

  it("keeps what is there, and lets NATS know what is new", () => {
    const all = () => Object.fromEntries(Object.keys(compose.secrets).map((name) => [name, secret(name)]));
    const before = all();
    rmSync(join(folder, "deploy/secrets/order_transporter"));
    expect(make()).toMatchObject({ status: 0, stdout: "made deploy/secrets/order_transporter\n" });
    const { order_transporter, nats_passwords, ...others } = all();
    expect(before).toMatchObject(others);
    expect(order_transporter).not.toBe(before["order_transporter"]);
    expect(nats_passwords).toBe(
      before["nats_passwords"]!.replace(
        new URL(before["order_transporter"]!).password,
        new URL(order_transporter!).password,
      ),
    );
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
