/** A shop for people: no demo, and a first administrator by a command. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../support/actors/client.ts";
import { Platform } from "../support/systems/platform.ts";
import { root } from "../support/fixtures/source.ts";

let dataDir: string;
let platform: Platform | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "madang-admin-"));
});
afterEach(async () => {
  await platform?.dispose();
  platform = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

async function admin(...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "services/user/admin.process.ts", ...args],
    {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: "", DATA_DIR: dataDir },
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}

const roles = async (email: string, password: string) => {
  const anonymous = new Client(platform!.url);
  const { status, body } = await anonymous.post<{ accessToken: string }>("/sessions", { email, password });
  if (status !== 201) return status;
  return (await new Client(platform!.url, body.accessToken).get<{ roles: string[] }>("/users/me")).body.roles;
};

const PASSWORD =
  /^\w+@example\.test is an administrator\. The password, shown this once: (\S+)\nSign in with it and change it .*\n$/;

/** Signs in with the printed password, which can do what customers can, and changes it. */
async function begin(email: string, output: string): Promise<unknown> {
  const printed = PASSWORD.exec(output)![1]!;
  const anonymous = new Client(platform!.url);
  const boss = await anonymous.as({ email, password: printed });
  expect((await boss.get("/users")).status).toBe(403);
  const change = (newPassword: string) => boss.post("/users/me/password", { currentPassword: printed, newPassword });
  expect((await change(printed)).status).toBe(422);
  expect((await change("harbour lantern nineteen")).status).toBe(204);
  const { status } = await (await anonymous.as({ email, password: "harbour lantern nineteen" })).get("/users");
  return status;
}

it("is made before the first start, and DEMO=off makes nobody else", async () => {
  const { code, output } = await admin("boss@example.test");
  expect([code, output]).toEqual([0, expect.stringMatching(PASSWORD)]);
  platform = await Platform.start({ dataDir, env: { DEMO: "off" } });
  expect(await begin("boss@example.test", output)).toBe(200);
  expect(existsSync(join(dataDir, "demo-accounts.json"))).toBe(false);
  expect(platform.output).not.toContain("Demo");
  const { body } = await new Client(platform.url).get<{ items: object[] }>("/products");
  expect(body.items).toEqual([]);
});

it("is made while the platform runs, also of somebody who has an account", async () => {
  platform = await Platform.start({ dataDir, env: { DEMO: "off" } });
  const { output } = await admin("boss@example.test");
  expect(await begin("boss@example.test", output)).toBe(200);
  expect(await admin("boss@example.test")).toEqual({
    code: 0,
    output: "boss@example.test had an account and is an administrator now; the password stays what it was.\n",
  });
  const ann = { email: "ann@example.test", password: "wharf lantern seventeen", name: "Ann" };
  expect((await new Client(platform.url).post("/users", ann)).status).toBe(201);
  const early = await new Client(platform.url).post<{ refreshToken: string }>("/sessions", { ...ann, name: undefined });
  // Anybody could have signed up with that address: who did has nothing of it.
  const taken = await admin("ANN@example.test");
  expect([taken.code, taken.output]).toEqual([0, expect.stringMatching(PASSWORD)]);
  expect(await roles(ann.email, ann.password)).toBe(401);
  const { refreshToken } = early.body;
  expect((await new Client(platform.url).post("/sessions/refresh", { refreshToken })).status).toBe(401);
  expect(await begin(ann.email, taken.output)).toBe(200);
});

it("is refused in one sentence without an address that could be one", async () => {
  for (const args of [[], ["boss"], ["a@b.example", "c@d.example"], ["a b@c.example"]])
    expect(await admin(...args)).toEqual({
      code: 1,
      output: "Usage: npm run admin -- you@example.com, with one e-mail address.\n",
    });
  expect(existsSync(join(dataDir, "user.db"))).toBe(false);
});

it("waits for /readyz and signs in: the demo accounts work by then", async () => {
  platform = await Platform.start({ dataDir });
  // Not by what it says: by what a script would do.
  const { readFileSync } = await import("node:fs");
  const [customer] = JSON.parse(readFileSync(join(dataDir, "demo-accounts.json"), "utf8")) as {
    email: string;
    password: string;
  }[];
  expect(await roles(customer!.email, customer!.password)).toEqual(["customer"]);
});
