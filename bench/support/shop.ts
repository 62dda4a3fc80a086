/** A shop under load: the platform, buyers who have signed in, and a product that does not run out. */
import { randomUUID } from "node:crypto";
import { address, Client } from "../../test/support/actors/client.ts";
import { Platform } from "../../test/support/systems/platform.ts";
import { load, type Result } from "./load.ts";

export const BUYERS = 64;

export interface Shop {
  readonly platform: Platform;
  /** Buyers place one order after another, each on a connection of its own. */
  readonly checkout: (seconds: number) => Promise<Result>;
}

interface SignIn {
  readonly accessToken: string;
}

async function buyer(client: Client): Promise<string> {
  const account = { email: `${randomUUID()}@example.test`, password: randomUUID() };
  await client.post("/users", { ...account, name: "Buyer" });
  const { body } = await client.post<SignIn>("/sessions", account);
  return body.accessToken;
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
  const tokens = await Promise.all(Array.from({ length: BUYERS }, () => buyer(client)));
  const body = JSON.stringify({
    items: [{ productId: product.id, quantity: 1 }],
    paymentMethod: "tok_success",
    shippingAddress: address,
  });
  const port = Number(new URL(platform.url).port);
  const request = (connection: number) =>
    [
      "POST /api/v1/orders HTTP/1.1",
      "Host: localhost",
      `Authorization: Bearer ${tokens[connection]}`,
      `Idempotency-Key: ${randomUUID()}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n");
  return { platform, checkout: (seconds) => load({ port, connections: BUYERS, seconds, request }) };
}
