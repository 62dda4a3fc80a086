/** A shop under load: the platform, buyers who have signed in, and a product that does not run out. */
import { randomUUID } from "node:crypto";
import { address, Client } from "../../test/support/actors/client.ts";
import { Platform } from "../../test/support/systems/platform.ts";
import { load, type Result } from "./load.ts";

export const BUYERS = 64;

export interface Shop {
  readonly platform: Platform;
  /** Buyers place one order after another, each on a connection of its own. */
  readonly checkout: (seconds: number, benefits?: Benefits) => Promise<Result>;
  /** Taxes and shipping fees from now on, and what every buyer may use: a coupon, and points. */
  readonly offerBenefits: () => Promise<Benefits>;
}

/** What an order asks for beside its goods. */
interface Benefits {
  readonly coupons?: readonly string[];
  readonly points?: number;
}

interface SignIn {
  readonly accessToken: string;
}

interface Buyer {
  readonly id: string;
  readonly token: string;
}

async function buyer(client: Client): Promise<Buyer> {
  const account = { email: `${randomUUID()}@example.test`, password: randomUUID() };
  const { body: made } = await client.post<{ id: string }>("/users", { ...account, name: "Buyer" });
  const { body } = await client.post<SignIn>("/sessions", account);
  return { id: made.id, token: body.accessToken };
}

async function offerBenefits(admin: Client, buyers: readonly Buyer[]): Promise<Benefits> {
  const asked = [
    admin.send("PUT", "/tax-rates/KR", { body: { rates: [{ rate: 1000, included: false }] } }),
    admin.send("PUT", "/shipping-rules/KRW", {
      body: { rules: [{ name: "Parcel", steps: [{ from: 0, fee: 3000 }] }] },
    }),
    admin.post("/coupons", {
      code: "BENCH",
      kind: "percent",
      percent: 1000,
      most: 1_000_000,
      mostPerPerson: 1_000_000,
    }),
    ...buyers.map(({ id }) => admin.post(`/users/${id}/points/adjustments`, { points: 100_000_000, note: "Bench" })),
  ];
  for (const { status, body } of await Promise.all(asked))
    if (status >= 300) throw new Error(`The shop could not be made ready: ${JSON.stringify(body)}.`);
  return { coupons: ["BENCH"], points: 1000 };
}

export async function openShop(dataDir?: string): Promise<Shop> {
  const platform = await Platform.start({ env: { RATE_LIMIT: "off" }, ...(dataDir ? { dataDir } : {}) });
  const client = new Client(platform.url);
  const admin = await client.as((await platform.accounts()).find(({ role }) => role === "admin")!);
  const price = { amount: 39_000, currency: "KRW" };
  const { body: product } = await admin.post<{ id: string }>("/products", {
    name: "Bench",
    description: "Never runs out.",
    price,
    stock: 1_000_000,
  });
  const buyers = await Promise.all(Array.from({ length: BUYERS }, () => buyer(client)));
  const order = {
    items: [{ productId: product.id, quantity: 1 }],
    paymentMethod: "tok_success",
    shippingAddress: address,
  };
  const port = Number(new URL(platform.url).port);
  const request = (body: string) => (connection: number) =>
    [
      "POST /api/v1/orders HTTP/1.1",
      "Host: localhost",
      `Authorization: Bearer ${buyers[connection]!.token}`,
      `Idempotency-Key: ${randomUUID()}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n");
  return {
    platform,
    checkout: (seconds, benefits = {}) =>
      load({ port, connections: BUYERS, seconds, request: request(JSON.stringify({ ...order, ...benefits })) }),
    offerBenefits: () => offerBenefits(admin, buyers),
  };
}
