/**
 * Every string of every route's input: a card number is 422, however it is disguised, and nothing of it is kept. Two are not looked
 * at as text: the bodies of webhooks, of which parts are kept that have checks of their own, and bytes in Base64, in which digits
 * mean something else.
 */
import { newId } from "#core/id.ts";
import { orderOf } from "../support/actors/client.ts";
import { AllServices, type Person, won } from "../support/systems/all-services.ts";
import { stringInputs, sendText } from "../support/fixtures/string-inputs.ts";
import { asLines, secretsIn } from "../support/invariants/secrets.ts";

let allServices: AllServices;
let admin: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
  admin = await allServices.person("admin");
});
afterAll(() => allServices.close());

const number = "4242424242424242";
const inDigitsFrom = (zero: number): string =>
  Array.from(number, (digit) => String.fromCodePoint(zero + Number(digit))).join("");
const parts = (between: string): string => number.match(/.{4}/g)!.join(between);

const disguises: Readonly<Record<string, string>> = {
  "as it is": number,
  "in parts": parts(" - "),
  "between slashes": parts("/"),
  "on lines": parts("\n"),
  "between dashes": parts("\u2014"),
  "full width": inDigitsFrom(0xff10),
  "Arabic-Indic": inDigitsFrom(0x0660),
  "Devanagari, in parts": inDigitsFrom(0x0966).replaceAll(/.{4}/g, "$& "),
  "zero width between": Array.from(number).join("\u200b"),
  "in a sentence": `card ${parts(".")}, 12/27`,
  "of 15 digits": "3782-822463-10005",
  "of 19 digits": "6205500000000000004",
};

/** What every table of every service keeps, cell by cell. */
async function kept(): Promise<string[]> {
  const cells = ["notification", "order", "payment", "product", "user"].map(async (name) => {
    const db = allServices.db<Record<string, Record<string, unknown>>>(name);
    const tables = await db.query.introspection.getTables();
    const rows = await Promise.all(tables.map((table) => db.query.selectFrom(table.name).selectAll().execute()));
    return rows.flat().flatMap(Object.values);
  });
  const all = (await Promise.all(cells)).flat();
  return all
    .filter((cell) => cell !== null)
    .map((cell) => (typeof cell === "object" ? JSON.stringify(cell) : String(cell)));
}

const found = async (): Promise<string[]> => secretsIn([])(asLines(await kept()), "a table");

const texts = stringInputs.filter(([, , { schema }]) => schema["contentEncoding"] === undefined);

describe("a card number is refused in", () => {
  it.each(texts)("%s", async (_, operation, place) => {
    for (const [name, text] of Object.entries(disguises)) {
      const answer = await sendText(allServices, admin, operation, place, text);
      const problem = (await answer.json()) as { code: string; errors: { pointer: string }[] };
      expect([name, answer.status, problem.code]).toEqual([name, 422, "VALIDATION_FAILED"]);
      expect(problem.errors.map(({ pointer }) => pointer)).toContain(`/${place.path.join("/")}`);
    }
  });

  afterAll(async () => expect(await found()).toEqual([]));
});

it("says in both languages what is wrong", async () => {
  const say = async (language: string) => {
    const url = `${allServices.url}/api/v1/products?q=${encodeURIComponent(disguises["full width"]!)}`;
    const answer = await fetch(url, { headers: { "accept-language": language } });
    return ((await answer.json()) as { errors: unknown[] }).errors;
  };
  expect(await say("en")).toEqual([{ pointer: "/q", detail: "must not hold a card number" }]);
  expect(await say("ko")).toEqual([{ pointer: "/q", detail: "카드 번호를 포함할 수 없습니다" }]);
});

it("is no Idempotency-Key, request id or trace", async () => {
  const product = await allServices.product(won(1000), 10);
  const ask = (headers: Record<string, string>) =>
    fetch(`${allServices.url}/api/v1/orders`, {
      method: "POST",
      headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(orderOf(product)),
    });
  for (const key of [number, parts("-"), `order:${parts(".")}`]) {
    const answer = await ask({ "idempotency-key": key });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      422,
      "IDEMPOTENCY_KEY_REQUIRED",
    ]);
  }
  const traceparent = `00-${"ab".repeat(16)}-${number}-01`;
  const answer = await ask({ "idempotency-key": newId(), "x-request-id": parts("-"), traceparent });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("x-request-id")).not.toContain("4242");
  expect(answer.headers.get("traceparent")).not.toContain("ab".repeat(16));
  expect(await found()).toEqual([]);
});

it("is found where it is kept", async () => {
  const db = allServices.db<{ products: { id: string; name: string } }>("product");
  const tea = await allServices.product(won(1000), 10);
  for (const name of Object.values(disguises)) {
    await db.write((tx) => tx.query.updateTable("products").set({ name }).where("id", "=", tea).execute());
    expect(await found()).toEqual(["a table holds a card number"]);
  }
});
