/** The typed client as others install it: compiled, imported by a program of theirs that is type-checked, and run by plain Node. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../support/fixtures/source.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { run } from "./program.ts";

const program = `
import { createClient, everyItem, isMadangError, type Order } from "madang-client";

const madang = createClient({ url: process.argv[2]!, language: "ko" });
const person = { email: "typed@example.test", password: "a long enough one" };
await madang.user.signUp({ ...person, name: "Typed" });
await madang.session.signIn(person);
const { items } = await madang.product.list({ inStock: true, limit: 1 });
const shippingAddress = { name: "Typed", line1: "세종대로 110", city: "서울", postalCode: "04524", country: "KR" };
const wanted = { items: [{ productId: items[0]!.id, quantity: 1 }], shippingAddress };
const order: Order = await madang.order.create({ ...wanted, paymentMethod: "tok_success" });
for await (const event of madang.order.watch({ id: order.id })) {
  if (event.type !== "order.confirmed") continue;
  const total: number = event.data.total.amount;
  console.log(event.type, total);
  break;
}
for await (const { status } of everyItem(madang.order.list, {})) console.log(status);
try {
  await madang.order.create({ ...wanted, paymentMethod: "tok_declined" });
} catch (error) {
  if (isMadangError(error, "ORDER_PAYMENT_DECLINED")) console.log(error.problem.title);
}
// @ts-expect-error a client that is told what does not exist does not compile
void madang.order.vanish;
`;

let folder: string;
let allServices: AllServices;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "madang-typed-"));
  allServices = await AllServices.open({ USER_SIGN_UP_VERIFIED: "on" });
  await allServices.product();
});
afterAll(async () => {
  await allServices.close();
  rmSync(folder, { recursive: true, force: true });
});

it("compiles in a project of others, places an order, follows it, and runs without TypeScript", async () => {
  const tsc = [process.execPath, join(root, "node_modules/typescript/bin/tsc")] as const;
  const modules = join(folder, "node_modules");
  const installed = join(modules, "madang-client");
  mkdirSync(installed, { recursive: true });
  await run(root, ...tsc, "-p", "clients/typescript", "--outDir", join(installed, "dist"));
  cpSync(join(root, "clients/typescript/package.json"), join(installed, "package.json"));
  for (const name of ["eventsource-parser", "undici-types"])
    cpSync(join(root, "node_modules", name), join(modules, name), { recursive: true });
  cpSync(join(root, "node_modules/@types/node"), join(modules, "@types/node"), { recursive: true });
  expect(readdirSync(join(installed, "dist"))).toEqual(expect.arrayContaining(["index.js", "index.d.ts"]));

  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "program.ts"), program);
  const options = ["--strict", "--exactOptionalPropertyTypes", "--module", "nodenext", "--target", "es2024"];
  await run(folder, ...tsc, ...options, "--types", "node", "--outDir", "out", "program.ts");
  const output = await run(folder, process.execPath, "out/program.js", allServices.url);
  expect(output.trim().split("\n")).toEqual(["order.confirmed 1000", "confirmed", "결제가 승인되지 않았습니다"]);
});
