/** Handlers of shipments: staff pack, send and follow parcels, and carriers tell where they are. */
import { now } from "#core/clock.ts";
import { type Ctx, ownerOf } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { isError } from "#core/errors.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Shipment } from "./answer.contract.ts";
import { isSigned, readNews } from "./carrier.model.ts";
import { move, rest } from "./fulfilment.model.ts";
import { hold, save } from "./fulfilment.repository.ts";
import { config } from "./order.config.ts";
import { order as contract } from "./order.contract.ts";
import { found } from "./order.policy.ts";
import { note, type Tx } from "./order.repository.ts";
import type { Host } from "./refund.settlement.ts";
import type { shipments as block } from "./shipment.contract.ts";
import * as refused from "./refused-capture.repository.ts";
import { isNews } from "./shipment.model.ts";
import * as shipments from "./shipment.repository.ts";
import { advance, standing, takeNow } from "./shipment.settlement.ts";

const MOST = 100;

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

  listRefusedCaptures(this: Host, { params }: Ctx<Input<"order.listRefusedCaptures">>) {
    return refused.list(this.db, params);
  },

  async updateShipment(this: Host, ctx: Ctx<Input<"order.updateShipment">>): Promise<Shipment> {
    const { id, version, state, carrier, trackingNumber } = ctx.params;
    const { captureId, ...updated } = await this.db.write(async (tx) => {
      const before = await standing(tx, id, version);
      const tracked = {
        ...before.row,
        ...(carrier !== undefined && { carrier }),
        ...(trackingNumber !== undefined && { tracking_number: trackingNumber.toUpperCase() }),
      };
      const { row, captureId: waitsFor } = advance(this, ctx, tx, { ...before, row: tracked }, state ?? tracked.state);
      const next = { ...row, version: row.version + 1 };
      if (next.ended_at === null) await shipments.claim(tx, next, id);
      tx.add(shipments.update(next));
      return { ...shipments.toShipment(next, before.units), captureId: waitsFor };
    });
    if (captureId === undefined) return updated;
    await takeNow(this, ctx, captureId);
    const row = found(await shipments.find(this.db, id, null));
    return shipments.toShipment(row, updated.items);
  },

  async removeShipment(this: Host, ctx: Ctx<Input<"order.removeShipment">>) {
    const { id, version } = ctx.params;
    await this.db.write(async (tx) => {
      const before = await standing(tx, id, version);
      const { state, order_id: orderId } = before.row;
      if (state !== "packed") throw contract.error("SHIPMENT_ENDED", { state });
      if (before.waiting) throw contract.error("CAPTURE_PENDING");
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
      const { row } = advance(this, ctx, tx, before, state, 0);
      tx.add(shipments.update({ ...row, version: row.version + 1 }));
    });
  } catch (error) {
    if (!isError(error, "ORDER_NOT_SHIPPABLE") && !isError(error, "NOT_FOUND")) throw error;
    this.logger.warn(`A carrier told that the shipment ${known.id} is ${state}, but its order is cancelled.`);
  }
}

export const shipping = (): Mixin => mixin({}, { name: "shipments", migrations: {}, handlers });
