/** Handlers of addresses. */
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { EntityAdapter } from "#mixins/database/adapter.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { addresses as contract } from "./address.contract.ts";
import { type AddressRow, toAddress } from "./address.model.ts";
import * as addresses from "./address.repository.ts";
import type { UserService } from "./attempt.mixin.ts";
import { user } from "./user.contract.ts";

type Host = UserService & { readonly idempotency: Idempotency; readonly adapter: EntityAdapter<AddressRow> };

const handlers = {
  async listAddresses(this: Host, ctx: Ctx<Input<"user.listAddresses">>) {
    const rows = await this.adapter.find({ query: { user_id: userId(ctx) }, sort: ["id"] });
    return { items: rows.map(toAddress), nextCursor: null };
  },

  addAddress(this: Host, ctx: Ctx<Input<"user.addAddress">>) {
    return this.idempotency.once(ctx, (tx) => addresses.add(tx, userId(ctx), ctx.params));
  },

  async getAddress(this: Host, ctx: Ctx<Input<"user.getAddress">>) {
    const row = await this.adapter.findOne({ id: ctx.params.id, user_id: userId(ctx) });
    if (!row) throw user.error("NOT_FOUND");
    return toAddress(row);
  },

  editAddress(this: Host, ctx: Ctx<Input<"user.editAddress">>) {
    const { id, version, ...changes } = ctx.params;
    return this.db.write((tx) => addresses.edit(tx, { id, userId: userId(ctx), version }, changes));
  },

  async removeAddress(this: Host, ctx: Ctx<Input<"user.removeAddress">>) {
    const { id, version } = ctx.params;
    const own = { id, user_id: userId(ctx) };
    if (await this.adapter.removeMany(version === undefined ? own : { ...own, version })) return null;
    throw user.error((await this.adapter.findOne(own)) ? "STALE_VERSION" : "NOT_FOUND");
  },
} satisfies BlockHandlers<typeof contract>;

export const ownAddresses = (): Mixin => mixin({}, { name: "addresses", migrations: {}, handlers });
