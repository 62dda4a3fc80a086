/** Handlers of invoices and credit notes of orders: customers see those of their own orders, staff see all. */
import type { Service } from "moleculer";
import { type Ctx, ownerOf, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import type { OrderInvoice, invoices as block } from "./invoice.contract.ts";
import * as invoices from "./invoice.repository.ts";
import { documentOf } from "./invoice.template.ts";
import { found, visible } from "./order.policy.ts";
import type { OrderTables } from "./order.tables.ts";

type Host = Service & { readonly db: Database<OrderTables> };

/** @throws NOT_FOUND */
const own = async ({ db }: Host, ctx: Ctx<{ readonly id: string }>): Promise<OrderInvoice> =>
  found(await invoices.find(db, ctx.params.id, ownerOf(ctx)));

/** The documents of an order that its caller sees. */
export function invoicesOfOrder({ db }: Host, ctx: Ctx<Input<"order.listInvoices">>) {
  const { id, ...paging } = ctx.params;
  return invoices.page(db, { ...paging, owner: ownerOf(ctx), order: id });
}

/** @throws NOT_FOUND also for a document of another order */
export async function documentOfOrder(host: Host, ctx: Ctx<{ readonly id: string }>, orderId: string) {
  const document = await own(host, ctx);
  return documentOf(found(document.orderId === orderId ? document : undefined), ctx.meta.language);
}

const handlers = {
  async listInvoices(this: Host, ctx: Ctx<Input<"order.listInvoices">>) {
    await visible(this.db, ctx.params.id, ctx);
    return invoicesOfOrder(this, ctx);
  },

  listOwnInvoices(this: Host, ctx: Ctx<Input<"order.listOwnInvoices">>) {
    return invoices.page(this.db, { ...ctx.params, owner: userId(ctx) });
  },

  listAllInvoices(this: Host, { params }: Ctx<Input<"order.listAllInvoices">>) {
    return invoices.page(this.db, { ...params, owner: null });
  },

  getInvoice(this: Host, ctx: Ctx<Input<"order.getInvoice">>) {
    return own(this, ctx);
  },

  async getInvoiceDocument(this: Host, ctx: Ctx<Input<"order.getInvoiceDocument">>) {
    return documentOf(await own(this, ctx), ctx.meta.language);
  },
} satisfies BlockHandlers<typeof block>;

export const invoicing = (): Mixin => mixin({}, { name: "orderInvoices", migrations: {}, handlers });
