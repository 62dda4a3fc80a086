/**
 * Words that are in no product's name any more are forgotten, and never a word that is in one.
 * @databases sqlite postgres
 */
import { productService } from "../../test/support/systems/product-service.ts";
import { forget } from "./word.repository.ts";

const { call, callAsStaff, create, host } = productService();

const NOW = Date.now();
const MINUTES = 60_000;
const forgetAt = (time: number) => forget(host().db, () => time, new AbortController().signal);
const found = async (q: string) => (await call("product.list", { q })).items.map(({ name }) => name);
const kept = async (word: string): Promise<number> =>
  (await host().db.query.selectFrom("search_words").select("variant").where("word", "=", word).execute()).length;

it("forgets a word when no name has had it for a while", async () => {
  const { id } = await create({ name: "Quokkamug wombatpan" });
  await create({ name: "Wombatpan" });
  await forgetAt(NOW);
  await callAsStaff("product.archive", { id });
  await forgetAt(NOW);
  await forgetAt(NOW + 9 * MINUTES);
  expect(await kept("quokkamug")).toBeGreaterThan(0);
  await forgetAt(NOW + 11 * MINUTES);
  expect([await kept("quokkamug"), await kept("wombatpan")]).toEqual([0, 10]);
  expect(await found("wombatpen")).toEqual(["Wombatpan"]);
});

it("keeps a word that has come back since it was marked", async () => {
  const { id } = await create({ name: "Numbatcup" });
  await callAsStaff("product.archive", { id });
  await forgetAt(NOW);
  await create({ name: "Numbatcup, new" });
  await forgetAt(NOW + 11 * MINUTES);
  await forgetAt(NOW + 60 * MINUTES);
  expect(await found("numbatcap")).toEqual(["Numbatcup, new"]);
});

it("keeps a word that was marked while a product with it was on its way", async () => {
  await create({ name: "Quollbowl" });
  await host().db.write(({ query }) =>
    query.updateTable("search_words").set({ unused_since: NOW }).where("word", "=", "quollbowl").execute(),
  );
  await forgetAt(NOW + 11 * MINUTES);
  expect(await found("quollbowls")).toEqual(["Quollbowl"]);
});
