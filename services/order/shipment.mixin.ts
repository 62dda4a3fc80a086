/** Handlers of shipments: staff pack, send and follow parcels, and carriers tell where they are. */
import { now } from "#core/clock.ts";
import { type Ctx, ownerOf } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { isError } from "#core/errors.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Shipment, ShipmentState } from "./answer.contract.ts";
import { isSigned, readNews } from "./carrier.model.ts";
import { type Line, move, rest, type Units } from "./fulfilment.model.ts";
import { type Held, hold, save } from "./fulfilment.repository.ts";
import { config } from "./order.config.ts";
import { order as contract } from "./order.contract.ts";
import { found } from "./order.policy.ts";
import { note, type Tx } from "./order.repository.ts";
import { keptBetween } from "./refund.model.ts";
import { giveUp, type Host } from "./refund.settlement.ts";
import type { shipments as block } from "./shipment.contract.ts";
import { isNews, type Move, moved } from "./shipment.model.ts";
import * as shipments from "./shipment.repository.ts";
import type { ShipmentRow } from "./fulfilment.tables.ts";

const MOST = 100;

interface Standing extends Held {
  readonly row: ShipmentRow;
  readonly units: readonly Units[];
}

/** A shipment with its order, which this transaction alone may change. @throws NOT_FOUND, NOT_SHIPPABLE, STALE_VERSION */
async function standing(tx: Tx, id: string, version?: number): Promise<Standing> {
  const { order_id } = found(await shipments.find(tx, id, null));
  const held = await hold(tx, order_id);
  // It may have been changed while this transaction waited for the order.
  const row = found(await shipments.find(tx, id, null));
  if (version !== undefined && version !== row.version) throw contract.error("STALE_VERSION");
  return { ...held, row, units: await shipments.units(tx, id) };
}

const events = {
  ship: "order.shipped",
  deliver: "order.delivered",
  lose: "order.delivery_failed",
} as const satisfies Record<Move, string>;

/** Tells of a move, under the cause of the request. */
function told(host: Host, ctx: Ctx, { order, lines, row, units }: Standing, move: Move, after: readonly Line[]) {
  const names = new Map(lines.map(({ product_id, name }) => [product_id, name]));
  return host.outbox.event(ctx, events[move], `order:${order.id}`, {
    orderId: order.id,
    userId: order.user_id,
    ...(order.number !== null && { number: order.number }),
    shipmentId: row.id,
    ...(row.carrier !== null && { carrier: row.carrier }),
    ...(row.tracking_number !== null && { trackingNumber: row.tracking_number }),
    items: units.map((one) => ({ ...one, name: names.get(one.productId)! })),
    ...(move === "deliver" && {
      paid: { amount: keptBetween(lines, after, order), currency: order.currency },
    }),
  });
}

/** Stores a shipment as it is going to be, with all that follows from its moves. */
function advance(host: Host, ctx: Ctx, tx: Tx, before: Standing, to: ShipmentState): ShipmentRow {
  const { row, lines, moves } = moved(before.row, to, before.lines, before.units);
  if (moves.length === 0) return row;
  tx.add(...save(before, lines));
  for (const move of moves) tx.add(told(host, ctx, { ...before, row }, move, lines));
  tx.add(note({ orderId: row.order_id, step: "shipment", state: to, detail: row.id }));
  if (to === "lost") {
    const items = before.units.map((one) => ({ ...one, isScrap: true }));
    tx.add(...giveUp(host, before, lines, "shipment_lost", items).writes);
  }
  return row;
}

const handlers = {
  createShipment(this: Host, ctx: Ctx<Input<"order.createShipment">>): Promise<Shipment> {
    const { id: orderId, items, carrier = null, trackingNumber = null } = ctx.params;
    return this.idempotency.once(ctx, async (tx: Tx) => {
      const held = await hold(tx, orderId);
      if ((await shipments.list(tx, orderId)).length >= MOST)
        throw contract.error("TOO_MANY_SHIPMENTS", { most: MOST });
      const units = items ?? rest(held.lines);
      if (units.length === 0) throw contract.error("UNITS_UNAVAILABLE", { available: 0 });
      tx.add(...save(held, move(held.lines, units, "pack")));
      const tracking = { carrier, tracking_number: trackingNumber?.toUpperCase() ?? null };
      await shipments.claim(tx, tracking);
      const row = shipments.insert(tx, orderId, tracking, units);
      tx.add(note({ orderId, step: "shipment", state: "packed", detail: row.id }));
      return shipments.toShipment(row, units);
    });
  },

  async getShipment(this: Host, ctx: Ctx<Input<"order.getShipment">>): Promise<Shipment> {
    const row = found(await shipments.find(this.db, ctx.params.id, ownerOf(ctx)));
    return shipments.toShipment(row, await shipments.units(this.db, row.id));
  },

  updateShipment(this: Host, ctx: Ctx<Input<"order.updateShipment">>): Promise<Shipment> {
    const { id, version, state, carrier, trackingNumber } = ctx.params;
    return this.db.write(async (tx) => {
      const before = await standing(tx, id, version);
      const tracked = {
        ...before.row,
        ...(carrier !== undefined && { carrier }),
        ...(trackingNumber !== undefined && { tracking_number: trackingNumber.toUpperCase() }),
      };
      const row = advance(this, ctx, tx, { ...before, row: tracked }, state ?? tracked.state);
      const next = { ...row, version: row.version + 1 };
      if (next.ended_at === null) await shipments.claim(tx, next, id);
      tx.add(shipments.update(next));
      return shipments.toShipment(next, before.units);
    });
  },

  async removeShipment(this: Host, ctx: Ctx<Input<"order.removeShipment">>) {
    const { id, version } = ctx.params;
    await this.db.write(async (tx) => {
      const before = await standing(tx, id, version);
      const { state, order_id: orderId } = before.row;
      if (state !== "packed") throw contract.error("SHIPMENT_ENDED", { state });
      tx.add(...save(before, move(before.lines, before.units, "unpack")), shipments.remove(id));
      tx.add(note({ orderId, step: "shipment", state: "unpacked", detail: id }));
    });
    return null;
  },

  async receiveTracking(this: Host, ctx: Ctx<Input<"order.receiveTracking">>) {
    const { carrier, headers, body } = ctx.params;
    const secret = config.ORDER_CARRIER_SECRET;
    if (secret === null) throw contract.error("NOT_FOUND");
    if (!isSigned(secret, headers, body, now())) throw contract.error("SIGNATURE_INVALID");
    const news = readNews(body);
    if (news) await follow.call(this, ctx, carrier, news);
    return { received: true } as const;
  },
} satisfies BlockHandlers<typeof block>;

/** A parcel that we do not know, and news that are no news, are acknowledged: the carrier would only tell them again. */
async function follow(
  this: Host,
  ctx: Ctx,
  carrier: string,
  { trackingNumber, state }: NonNullable<ReturnType<typeof readNews>>,
): Promise<void> {
  const known = await shipments.ofNumber(this.db, carrier, trackingNumber);
  if (!known || !isNews(known, state)) return;
  try {
    await this.db.write(async (tx) => {
      const before = await standing(tx, known.id);
      if (!isNews(before.row, state)) return;
      const row = advance(this, ctx, tx, before, state);
      tx.add(shipments.update({ ...row, version: row.version + 1 }));
    });
  } catch (error) {
    if (!isError(error, "ORDER_NOT_SHIPPABLE") && !isError(error, "NOT_FOUND")) throw error;
    this.logger.warn(`A carrier told that the shipment ${known.id} is ${state}, but its order is cancelled.`);
  }
}

export const shipping = (): Mixin => mixin({}, { name: "shipments", migrations: {}, handlers });
