/** Many buyers who come at a steady rate, whatever state the shop is in. */
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "#core/id.ts";
import { ACCESS_TOKEN_TTL, signAccessToken } from "#mixins/node/tokens.ts";
import { type Basket, Buyer } from "./buyer.ts";
import { Client } from "./client.ts";
import type { Random } from "../fixtures/random.ts";

/** Milliseconds that a buyer waits for an answer, then asks again: what was asked first may still come through. */
export const PATIENCE = 5000;
/**
 * Buyers in the shop at once; when they are all busy, who comes goes away again. With more of them a shop that sells half
 * of what is wanted lets them wait longer than their patience, and answers little but what is asked again.
 */
const BUYERS = 250;

interface Shop {
  /** A gateway, for one request. */
  readonly gateway: () => string;
  readonly basket: Basket;
  /** Those who come first, with accounts of their own; everybody else is a stranger with a token. */
  readonly customers?: readonly Client[];
  /** Share of the purchases in which nothing special happens. */
  readonly ordinary: number;
}

/**
 * Any id will do: the test has the platform's keys, so nobody needs to sign up. The token is renewed in time, because a
 * run may take longer than one is good for.
 */
export async function person(gateway: string | (() => string), role = "customer", id = newId()): Promise<Client> {
  const caller = { id, roles: [role], session: newId() };
  let [token, until] = ["", 0];
  const renewed = async () => {
    if (performance.now() > until) {
      until = performance.now() + (ACCESS_TOKEN_TTL * 1000) / 2;
      token = await signAccessToken(caller);
    }
    return token;
  };
  await renewed();
  return new Client(gateway, renewed, PATIENCE);
}

export class SteadyBuyers {
  readonly #shop: Shop;
  readonly #random: Random;
  readonly #buyers: Buyer[] = [];
  readonly #idle: Buyer[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #turnedAway = 0;
  #begun = 0;
  #seconds = 0;

  constructor(shop: Shop, random: Random) {
    this.#shop = shop;
    this.#random = random;
  }

  /**
   * Buyers come until `stop`, then the last of them finishes.
   * @param rate purchases that begin in a second
   */
  async come(rate: number, stop: AbortSignal): Promise<void> {
    const began = performance.now();
    for (let arrivals = 0; !stop.aborted; arrivals += 1) {
      const due = began + (arrivals / rate) * 1000;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      this.#arrive();
    }
    this.#seconds += (performance.now() - began) / 1000;
    await Promise.all(this.#underWay);
  }

  /** Every order that was acknowledged, with the states that the answers still allow. */
  get acknowledged(): ReadonlyMap<string, readonly string[]> {
    return new Map(this.#buyers.flatMap((buyer) => [...buyer.acknowledged]));
  }

  get complaints(): readonly string[] {
    return this.#buyers.flatMap(({ complaints }) => complaints);
  }

  get figures(): string {
    const count = (name: "orders" | "answers" | "unanswered") =>
      this.#buyers.reduce((sum, buyer) => sum + buyer[name], 0);
    return (
      `${(this.#begun / this.#seconds).toFixed(0)} purchases/s, ${count("orders")} orders acknowledged, ` +
      `${count("answers")} answers, ` +
      `${count("unanswered")} requests sent again, ${this.#turnedAway} buyers turned away`
    );
  }

  #arrive(): void {
    if (this.#idle.length === 0 && this.#buyers.length >= BUYERS) {
      this.#turnedAway += 1;
      return;
    }
    this.#begun += 1;
    const purchase = this.#buy().finally(() => this.#underWay.delete(purchase));
    this.#underWay.add(purchase);
  }

  async #buy(): Promise<void> {
    const buyer = this.#idle.pop() ?? (await this.#newBuyer());
    await buyer.buy(this.#shop.basket);
    this.#idle.push(buyer);
  }

  async #newBuyer(): Promise<Buyer> {
    const customer = this.#shop.customers?.[this.#buyers.length];
    const buyer = new Buyer(
      async () => customer ?? person(this.#shop.gateway),
      this.#random.fork(),
      this.#shop.ordinary,
    );
    this.#buyers.push(buyer);
    await buyer.signIn();
    return buyer;
  }
}
