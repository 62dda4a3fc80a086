import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { parse } from "yaml";
import { Client } from "../support/actors/client.ts";
import { person } from "../support/actors/steady-buyers.ts";
import type * as local from "../../scripts/cluster/cluster.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import type * as support from "../support/systems/platform.ts";
import { ProjectCopy } from "../support/systems/project-copy.ts";

interface Compose {
  readonly services: { readonly postgres: { readonly secrets: readonly string[] } };
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** What the bus has not been given yet. */
async function waiting(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("select waiting from outbox order by seq");
  await client.end();
  expect(rows.length).toBeGreaterThan(0);
  return rows.filter((row) => row.waiting !== null).length;
}

let copy: ProjectCopy;
const newService = (...names: string[]) => copy.run("scripts/new-service.ts", ...names);
const inCopy = (path: string): string => join(copy.path, path);

beforeAll(() => {
  copy = new ProjectCopy();
});
afterAll(() => copy.remove());

describe("npm run new:service", () => {
  it.each([
    ["Wish List", /cannot be a service/],
    ["wish_list", /cannot be a service/],
    ["../wishlist", /cannot be a service/],
    ["wishlist2", /cannot be a service/],
    ["a".repeat(41), /cannot be a service/],
    ["order", /services\/order exists/],
    ["demo", /reserved/],
    ["redis", /is a stanza of docker-compose\.yml/],
    ["page", /has a meaning/],
    ["class", /has a meaning/],
    ["payment-method", /is a route of services\/payment/],
    ["dead-letter", /is a route of mixins/],
  ])("refuses %p in one sentence", (name, reason) => {
    const { status, output } = newService(name);
    expect([status, output]).toEqual([1, expect.stringMatching(reason)]);
    expect(output.split("\n")).toHaveLength(1);
    expect(output).toMatch(/\.$/);
  });

  it.each([
    ["wishlist", /cannot be a plural/, "Wish Lists"],
    ["wishlist", /\/orders is a route of services\/order/, "orders"],
  ])("refuses %p with a plural that cannot be", (name, reason, many) =>
    expect(newService(name, "--plural", many)).toEqual({ status: 1, output: expect.stringMatching(reason) }),
  );

  it("says how it is used when it is given no name, or two", () => {
    expect(newService()).toEqual({ status: 1, output: expect.stringMatching(/^Usage: .*\.$/) });
    for (const words of [
      ["wishlist", "gift-card"],
      ["wishlist", "--plural"],
      ["wishlist", "--many", "wishlists"],
    ])
      expect(newService(...words)).toEqual({ status: 1, output: expect.stringMatching(/^Usage: .*\.$/) });
    expect(existsSync(inCopy("services/wishlist"))).toBe(false);
  });

  describe("makes services which", () => {
    const paths = {
      // Its own plural: nothing that is called by the one may clash with what is called by the other.
      news: "news",
      "loyalty-programme-category": "loyalty-programme-categories",
      "point-of-sale": "points-of-sale",
    };
    const folders = Object.keys(paths).map((name) => `services/${name}`);

    beforeAll(() => {
      for (const name of ["news", "loyalty-programme-category"]) copy.pass("scripts/new-service.ts", name);
      copy.pass("scripts/new-service.ts", "point-of-sale", "--plural", "points-of-sale");
    });

    // With what they import, and the contracts among which they name routes and actions: `npm run check` compiles all else.
    it("compile", () => {
      const include = ["services/*/*.contract.ts", ...folders.map((folder) => `${folder}/**/*.ts`)];
      writeFileSync(inCopy("made.json"), JSON.stringify({ extends: "./tsconfig.json", include }));
      copy.pass("node_modules/typescript/bin/tsc", "--noEmit", "--singleThreaded", "--project", "made.json");
    });
    it("pass the linter", () => copy.pass("node_modules/oxlint/bin/oxlint", ...folders));
    it("are formatted", () => copy.pass("node_modules/oxfmt/bin/oxfmt", "--check", ...folders));
    it("keep to the structure", () =>
      copy.pass("node_modules/dependency-cruiser/bin/dependency-cruiser.mjs", "--preserve-symlinks", ...folders));
    // One run, because each has to begin with a PostgreSQL server and with code that nobody has compiled yet. The specs
    // of two of them: the one that has no plural of its own, and the one of many words.
    it("pass their specs, and those that look at every service: architecture, stanzas, users of NATS", () =>
      copy.pass(
        "node_modules/jest/bin/jest.js",
        "--maxWorkers=1",
        "services/news",
        "services/point-of-sale",
        "test/architecture/(calls|specs|structure)",
        "test/integration/(compose|nats-permissions)",
      ));
    it("are part of the generated files", () => copy.pass("scripts/generate.ts", "--check"));

    it("are deployed with the others: secrets, databases", () => {
      copy.pass("deploy/secrets.mjs");
      const made = readdirSync(inCopy("deploy/secrets"));
      const compose = parse(readFileSync(inCopy("docker-compose.yml"), "utf8"), { merge: true }) as Compose;
      expect(made.toSorted()).toEqual(Object.keys(compose.secrets));
      const databases = Object.keys(paths).map((name) => `${name.replaceAll("-", "_")}_database_url`);
      expect(compose.services.postgres.secrets).toEqual(expect.arrayContaining(databases));
    });

    it("are reachable over HTTP, with nothing else edited", async () => {
      // The copy's own, which starts what stands beside it.
      const { Platform } = (await import(inCopy("test/support/systems/platform.ts"))) as typeof support;
      const platform = await Platform.start();
      try {
        const client = await new Client(platform.url).newCustomer();
        for (const path of Object.values(paths)) {
          const { status, headers, body } = await client.post<{ id: string }>(`/${path}`, { name: "첫째" });
          expect([status, headers.get("location")]).toEqual([201, `/api/v1/${path}/${body.id}`]);
          const list = await client.get(`/${path}`);
          expect(list).toMatchObject({ status: 200, body: { items: [{ id: body.id, name: "첫째" }] } });
        }
      } finally {
        await platform.dispose();
      }
    });

    it("tell their events on a cluster, with no more rights on NATS than they need", async () => {
      const { LocalCluster } = (await import(inCopy("scripts/cluster/cluster.ts"))) as typeof local;
      // Where this process has its keys, with which it signs for whoever comes.
      const dataDir = process.env.DATA_DIR!;
      const cluster = await LocalCluster.start({ dataDir, nodes: 1, services: ["loyalty-programme-category", "api"] });
      try {
        const client = await person(cluster.urls[0]!);
        const create = () => client.post("/loyalty-programme-categories", { name: "Gold" });
        // It gives a request up after some seconds.
        await eventually(async () => (await create().catch(() => null))?.status === 201);
        const url = await cluster.postgres.database("loyalty-programme-category");
        await eventually(async () => (await waiting(url)) === 0);
      } finally {
        await cluster.stop();
      }
    });
  });
});
