/** What is large: a catalogue of long texts, and an order of as many lines as one may have. */
import { newId } from "#core/clock.ts";
import type { Ctx } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import type { Order } from "../../services/order/order.contract.ts";
import { address } from "./client.ts";
import type { Person } from "./market.ts";

export const LINES = 1000;
/** What NATS carries in one message. */
const MESSAGE = 1024 * 1024;

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

type Seed = Input<"product.seed">["products"];

/** Adds products with this name and description, in requests that NATS can carry. */
export async function stockUp(office: Ctx<null>, count: number, name: string, description: string): Promise<void> {
  const price = { amount: 100, currency: "KRW" } as const;
  const one = bytesOf({ key: newId(), name, description, category: "Large", price, stock: 10 });
  const most = Math.min(500, Math.floor(MESSAGE / 2 / one));
  for (let made = 0; made < count; made += most) {
    const products: Seed = Array.from({ length: Math.min(most, count - made) }, () => ({
      key: newId(),
      name,
      description,
      category: "Large",
      price,
      stock: 10,
    }));
    await office.call("product.seed", { products });
  }
}

interface Paged<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** Reads a list to its end; every page must be one that NATS can carry. */
export async function readAll<Item>(read: (cursor?: string) => Promise<Paged<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    if (bytesOf(page) > MESSAGE) throw new Error(`A page has ${bytesOf(page)} bytes.`);
    if (page.items.length === 0) throw new Error("A page is empty.");
    all.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return all;
}

/** The ids of all products with this name. */
export async function idsOf(person: Person, name: string): Promise<string[]> {
  const found = await readAll((cursor) => person.call("product.list", { limit: 100, ...(cursor && { cursor }) }));
  return found.filter((one) => one.name === name).map(({ id }) => id);
}

export const orderLines = (ids: readonly string[]) => ({
  items: ids.map((productId) => ({ productId, quantity: 1 })),
  paymentMethod: "tok_success",
  shippingAddress: address,
});

/** The order once it has ended, however long its saga takes. */
export const ended = async (person: Person, { id }: Order): Promise<Order | null> => {
  const order = await person.call("order.get", { id });
  return order.status === "pending" ? null : order;
};
