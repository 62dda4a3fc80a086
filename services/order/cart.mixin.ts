/** Adds `this.carts`: what the actions about carts do, with the prices of the product service. */
import type { Service } from "moleculer";
import { type Ctx, userId } from "#core/context.ts";
import { isError, sharedError } from "#core/errors.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { Cart } from "./cart.contract.ts";
import { hashOf, type Holder, type Units } from "./cart.model.ts";
import { noCart, toCart } from "./cart.projection.ts";
import * as carts from "./cart.repository.ts";
import * as changes from "./cart.transition.ts";
import * as lines from "./line.repository.ts";
import { checkFound, lookUp } from "./order.pricing.ts";
import type { OrderTables, Tx } from "./order.repository.ts";

/** Carts in one transaction of the sweep. */
const SWEPT = 100;

interface Host extends Service {
  readonly db: Database<OrderTables>;
  readonly idempotency: Idempotency;
  readonly outbox: Outbox;
  readonly carts?: Carts;
}

type Asked = Ctx<{ readonly cartToken?: string }>;
type Removal = Ctx<{ readonly cartToken?: string; readonly productId: string; readonly version?: number }>;
type Addition = Ctx<{ readonly cartToken?: string; readonly productId: string; readonly quantity: number }>;
type Setting = Ctx<Addition["params"] & Removal["params"]>;

/** A token of no cart finds nothing. @throws UNAUTHENTICATED for nobody without a token */
function holderOf({ user, params: { cartToken } }: Asked): Holder {
  if (user?.id) return { userId: user.id };
  if (cartToken === undefined) throw sharedError("UNAUTHENTICATED");
  return { tokenHash: hashOf(cartToken) };
}

/** The keys of a guest's requests count for their cart alone, as those of a person do. */
const onBehalfOf = (ctx: Asked, holder: Holder): Asked =>
  "userId" in holder ? ctx : Object.create(ctx, { user: { value: { id: holder.tokenHash, roles: [] } } });

export class Carts {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async begin(ctx: Ctx): Promise<Cart & { token: string }> {
    const token = await carts.begin(this.#host.db);
    return { ...(await this.#shown(ctx, { tokenHash: hashOf(token) })), token };
  }

  show(ctx: Asked): Promise<Cart> {
    return this.#shown(ctx, holderOf(ctx));
  }

  async add(ctx: Addition): Promise<Cart> {
    const [holder, product] = [holderOf(ctx), await lookUpOne(ctx)];
    return this.#changed(ctx, holder, (tx) => changes.add(tx, holder, product, ctx.params.quantity));
  }

  async set(ctx: Setting): Promise<Cart> {
    const [holder, product] = [holderOf(ctx), await lookUpOne(ctx)];
    const { quantity, version } = ctx.params;
    return this.#changed(ctx, holder, (tx) => changes.set(tx, holder, product, quantity, version));
  }

  remove(ctx: Removal): Promise<Cart> {
    const holder = holderOf(ctx);
    const { productId, version } = ctx.params;
    return this.#changed(ctx, holder, (tx) => changes.remove(tx, holder, productId, version));
  }

  clear(ctx: Asked): Promise<void> {
    return this.#host.db.write((tx) => changes.clear(tx, holderOf(ctx)));
  }

  /** @throws NOT_FOUND without a guest's cart */
  async merge(ctx: Asked): Promise<Cart & { cut: Units[] }> {
    const { cartToken } = ctx.params;
    if (cartToken === undefined) throw sharedError("NOT_FOUND");
    const mine = { userId: userId(ctx) };
    const merge = (tx: Tx) => changes.merge(tx, mine, { tokenHash: hashOf(cartToken) });
    const cut = await this.#host.idempotency.once(ctx, merge);
    return { ...(await this.#shown(ctx, mine)), cut };
  }

  /** Removes old carts, and tells of those that customers left a day ago. False when there is no more to do. */
  async sweep(ctx: Ctx): Promise<boolean> {
    const { db, outbox } = this.#host;
    const removed = await carts.removeExpired(db, SWEPT);
    const left = await db.write(async (tx) => {
      const rows = await carts.abandon(tx, SWEPT);
      for (const row of rows) {
        const items = (await lines.list(tx, row)).map(lines.unitsOf);
        tx.add(
          outbox.event(ctx, "order.cart_abandoned", `cart:${row.id}`, { cartId: row.id, userId: row.user_id!, items }),
        );
      }
      return rows.length;
    });
    return removed === SWEPT || left === SWEPT;
  }

  /** A change that came too late is answered with the present cart. */
  async #changed(ctx: Asked, holder: Holder, change: (tx: Tx) => Promise<void>): Promise<Cart> {
    try {
      await this.#host.idempotency.once(onBehalfOf(ctx, holder), change);
    } catch (error) {
      if (!isError(error, "STALE_VERSION")) throw error;
      throw sharedError("STALE_VERSION", { cart: await this.#shown(ctx, holder) });
    }
    return this.#shown(ctx, holder);
  }

  /** The version is read before the lines: a line may be newer than it says, and never older. */
  async #shown(ctx: Ctx, holder: Holder): Promise<Cart> {
    const row = await carts.find(this.#host.db, holder);
    if (!row && "userId" in holder) return noCart;
    if (!row) throw sharedError("NOT_FOUND");
    const rows = await lines.list(this.#host.db, row);
    const ids = rows.map(({ product_id }) => product_id);
    return toCart(row, rows, (await lookUp(ctx, ids)).items);
  }
}

/** @throws VARIANT_REQUIRED, PRODUCT_UNAVAILABLE */
async function lookUpOne(ctx: Addition) {
  const { productId } = ctx.params;
  const found = await lookUp(ctx, [productId]);
  checkFound([productId], found);
  return found.items[0]!;
}

export const cart = (): Mixin<{ readonly carts: Carts }> =>
  mixin<{ readonly carts: Carts }, Host>({
    started() {
      addName(this, "carts", new Carts(this));
    },
  });
