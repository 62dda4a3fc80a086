/**
 * Text and times come back as they were sent, whichever database keeps them, and a person is told what cannot be kept.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { address, orderOf } from "../support/actors/client.ts";
import { AllServices, type Person, won } from "../support/systems/all-services.ts";

let allServices: AllServices;
let admin: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
  admin = await allServices.person("admin");
});
afterAll(() => allServices.close());

describe("a time", () => {
  it("comes back as it was, in UTC", async () => {
    const { id } = await admin.call("product.create", { name: "Tea", description: "", price: won(1) });
    await admin.call("product.setPrice", { id, price: won(2), from: "2100-12-31T23:59:59+01:00" });
    const { items } = await admin.call("product.listPrices", { id });
    expect(items[0]).toMatchObject({ price: won(2), from: "2100-12-31T22:59:59.000Z" });
  });
});

describe("text", () => {
  const names = ["Émile", "김미나", "محمد", "שָׁלוֹם", "می‌خواهم", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "O'Brien %_\\"];

  it.each(names)("comes back as it was: %s", async (name) => {
    const { id } = await admin.call("product.create", { name, description: `${name}\n\t${name}`, price: won(1) });
    expect(await admin.call("product.get", { id })).toMatchObject({ name, description: `${name}\n\t${name}` });
  });

  it("is kept in NFC, by which its length is counted", async () => {
    const name = "각".repeat(200);
    const made = await admin.call("product.create", { name: name.normalize("NFD"), description: "", price: won(1) });
    expect(made.name).toBe(name);
  });

  it("says in both languages what is wrong", async () => {
    const say = async (language: string) => {
      const answer = await fetch(`${allServices.url}/api/v1/products?q=%00`, {
        headers: { "accept-language": language },
      });
      return ((await answer.json()) as { errors: unknown[] }).errors;
    };
    expect(await say("en")).toEqual([{ pointer: "/q", detail: "must not hold control characters" }]);
    expect(await say("ko")).toEqual([{ pointer: "/q", detail: "제어 문자를 포함할 수 없습니다" }]);
  });

  it("is one request with one key, in NFC or NFD", async () => {
    const order = orderOf(await allServices.product(won(1000), 10));
    const at = (line1: string) => ({ ...order, shippingAddress: { ...address, line1 } });
    const key = newId();
    const first = await admin.ask("order.create", at("Café 1"), key);
    const again = await admin.ask("order.create", at("Cafe\u0301 1"), key);
    expect(again).toMatchObject({ replayed: true, answer: { id: first.answer.id } });
  });
});

describe("an e-mail address", () => {
  const signUp = (email: string) =>
    allServices.broker.call("user.signUp", { email, password: "correct horse battery", name: "Ann" });

  it("has one account, however its mailbox is written", async () => {
    const local = newId();
    await expect(signUp(`${local}@한국.kr`)).resolves.toMatchObject({ email: `${local}@xn--3e0b707e.kr` });
    for (const other of [`${local.toUpperCase()}@XN--3e0b707e.kr`, `${local}@${"한국".normalize("NFD")}.KR`]) {
      await expect(signUp(other)).rejects.toMatchObject({ type: "USER_EMAIL_TAKEN" });
    }
  });
});
