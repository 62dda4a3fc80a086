/**
 * Lets administrators read the audit log of a service. The log is written by the service's database, whether this mixin is there
 * or not: see record.ts.
 *
 * @example
 * blocks: [outbox, audit], // in the contract
 * mixins: [database<Tables>({ migrations, shown: ["products.name"] }), outbox(), audit()],
 */
import type { Service } from "moleculer";
import type { Ctx } from "#core/context.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "../database/database.ts";
import type { audit as contract } from "./audit.contract.ts";
import { type AuditTables, type Filter, list } from "./tables.ts";

type Host = Service & { readonly db: Database<AuditTables> };

const handlers = {
  listAuditLog(this: Host, { params }: Ctx<Filter>) {
    return list(this.db, params);
  },
} satisfies BlockHandlers<typeof contract>;

export const audit = (): Mixin => mixin({}, { name: "audit", migrations: {}, handlers });
