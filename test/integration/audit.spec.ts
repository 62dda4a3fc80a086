/** The audit logs of all services: what doors bring is recorded without secrets, and the command finds the row that was altered. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import type { AuditTables } from "#mixins/audit/tables.ts";
import { AllServices, type Person, won } from "../support/systems/all-services.ts";

const run = promisify(execFile);
const command = join(import.meta.dirname, "../../mixins/audit/verify.process.ts");

let services: AllServices;
let admin: Person;
let staff: Person;
beforeAll(async () => {
  services = await AllServices.open();
  admin = await services.person("admin");
  staff = await services.person("staff");
});
afterAll(() => services.close());

const logOf = async (service: string): Promise<string> =>
  JSON.stringify(await services.db<AuditTables>(service).query.selectFrom("audit_log").selectAll().execute());
const verified = () =>
  run(process.execPath, [command], { env: { ...process.env } }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  );

it("tells a change over HTTP with its request, and what it was before", async () => {
  const id = await services.product(won(1000), 3, "Green Tea");
  const answer = await fetch(`${services.url}/api/v1/products/${id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${staff.token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "Black Tea" }),
  });
  const trace = answer.headers.get("traceparent")!.split("-")[1];
  const { items } = await admin.call("product.listAuditLog", { object: `/products/${id}` });
  expect(items).toMatchObject([{ actor: `user:${staff.id}`, action: "product.update", requestId: trace }]);
  const named = (name: string) => [expect.objectContaining({ id, name })];
  expect(items[0]!.changes).toContainEqual(
    expect.objectContaining({ table: "products", before: named("Green Tea"), after: named("Black Tea") }),
  );
});

it("holds no secret, and nobody's name or address", async () => {
  const person = { email: "kim.ann@example.test", name: "Kim Ann", password: "correct horse battery" };
  const { id } = await services.asService().call("user.signUp", person);
  await admin.call("user.setRoles", { id, roles: ["customer", "staff"] });
  const expiresAt = "2099-01-01T00:00:00.000Z";
  const { apiKey } = await admin.call("user.createApiKey", { name: "ERP", permissions: ["product.*"], expiresAt });
  const log = await logOf("user");
  expect(log).toContain("user.createApiKey");
  expect(log).toContain("product.*");
  for (const secret of [person.email, person.name, "argon2", apiKey, apiKey.slice(36, 60)])
    expect(log).not.toContain(secret);
});

it("is walked by a command, which names the row that was altered", async () => {
  await services.product();
  const whole = await verified();
  expect(whole.stdout).toMatch(/product: \d+ rows, whole/);
  expect([whole.code, whole.stdout]).toEqual([0, expect.not.stringContaining("NOT WHOLE")]);
  const file = new DatabaseSync(join(process.env.DATA_DIR!, "product.db"), { timeout: 10_000 });
  file.exec("drop trigger audit_log_no_update; update audit_log set actor = 'user:x' where seq = 2");
  file.close();
  const altered = await verified();
  expect([altered.code, altered.stdout]).toEqual([
    1,
    expect.stringMatching(/product: \d+ rows, NOT WHOLE\n {2}row 2: altered/),
  ]);
});
