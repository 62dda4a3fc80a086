/**
 * Idempotency keys: adds `this.idempotency`. The key, a hash of the request and the answer are stored in the
 * transaction of the effect, so the same request asked twice, or by two at once, takes effect once.
 *
 * @example
 * adjust(ctx) {
 *   return this.idempotency.once(ctx, (tx) => stock.adjust(tx, ctx.params));
 * }
 */
import { type Kysely, sql as raw } from "kysely";
import type { Service } from "moleculer";
import { DAY, HOUR, now } from "#core/clock.ts";
import { type Ctx, idempotencyKey } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { requestHash } from "#core/request-hash.ts";
import type { AnyTransaction, Database } from "../database/database.ts";
import type { Migrations } from "../database/migrate.ts";
import { columns, statements } from "../database/statement.ts";
import { required, type Write } from "../database/write.ts";
import { Worker } from "../queue/worker.ts";

export interface IdempotencyTable {
  idempotency_keys: {
    scope: string;
    key: string;
    request_hash: string;
    /** The answer as JSON, once there is one. */
    answer: string | null;
    /** Milliseconds since the epoch. */
    expires_at: number;
  };
}

/** The identity of one key. */
export interface Claim {
  readonly scope: string;
  readonly key: string;
}

export interface Idempotency {
  /**
   * Runs `work` in one transaction with its key; a repeated request gets the first answer. When the contract requires
   * no key and none was sent, it only runs `work`.
   */
  once<R>(ctx: Ctx, work: (tx: AnyTransaction) => Promise<R>): Promise<R>;
  /**
   * The answer that this key has already got; undefined for a new key, and when none is required or sent.
   * @throws IDEMPOTENCY_KEY_REUSED for another request, IDEMPOTENCY_IN_PROGRESS when there is no answer yet
   */
  replay(ctx: Ctx): Promise<unknown>;
  /**
   * Stores the key with the hash of its request and the answer, for results that are found by another table's key.
   * Fails with `refusal` when the key is taken.
   */
  mark(ctx: Ctx, made: { readonly hash: string; readonly answer: unknown }, refusal: () => Error): Write;
  /** Stores the answer for a key that was claimed without one. The first answer stays. */
  settle(claim: Claim, answer: unknown): Write;
  /** Removes the keys of a deleted account, with the answers stored under them. */
  forget(userId: string): readonly Write[];
}

async function createIdempotencyKeys(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("idempotency_keys")
    .ifNotExists()
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("request_hash", "text", (column) => column.notNull())
    .addColumn("answer", "text")
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("idempotency_keys_pk", ["scope", "key"])
    .execute();
  await db.schema
    .createIndex("idempotency_keys_expiry")
    .ifNotExists()
    .on("idempotency_keys")
    .column("expires_at")
    .execute();
}

/** Services made the table by migrations of their own before: where it is there already, it stays as it is. */
const migrations: Migrations = { "0001_idempotency_keys": { up: createIdempotencyKeys } };

const sql = statements<IdempotencyTable>();
type Row = IdempotencyTable["idempotency_keys"];

const insert = sql((q, p: Row) =>
  q
    .insertInto("idempotency_keys")
    .values(columns(p, "scope", "key", "request_hash", "answer", "expires_at"))
    .onConflict((one) => one.doNothing()),
);
/** The most keys that are kept for one person and action. */
export const MOST = 10_000;
const held = (q: Kysely<IdempotencyTable>, scope: string) =>
  q
    .selectFrom((from) =>
      from.selectFrom("idempotency_keys").select("scope").where("scope", "=", scope).limit(MOST).as("held"),
    )
    .select((e) => e.fn.countAll<number>().as("rows"));
const countHeld = sql((q, p: { scope: string }) => held(q, p.scope));
/** For people, who could otherwise fill the table: it inserts nothing when they hold the most keys. */
const insertOfPerson = sql((q, p: Omit<Row, "answer">) =>
  q
    .insertInto("idempotency_keys")
    .columns(["scope", "key", "request_hash", "expires_at"])
    .expression(
      q
        .selectNoFrom([
          raw<string>`cast(${p.scope} as text)`.as("scope"),
          raw<string>`cast(${p.key} as text)`.as("key"),
          raw<string>`cast(${p.request_hash} as text)`.as("request_hash"),
          raw<number>`cast(${p.expires_at} as bigint)`.as("expires_at"),
        ])
        .where((e) => e(held(q, p.scope), "<", MOST)),
    )
    .onConflict((one) => one.doNothing()),
);
const find = sql((q, p: Claim) =>
  q.selectFrom("idempotency_keys").selectAll().where("scope", "=", p.scope).where("key", "=", p.key),
);
const setAnswer = sql((q, p: Claim & { answer: string }) =>
  q
    .updateTable("idempotency_keys")
    .set({ answer: p.answer })
    .where("scope", "=", p.scope)
    .where("key", "=", p.key)
    .where("answer", "is", null),
);
const removeScope = sql((q, p: { scope: string }) => q.deleteFrom("idempotency_keys").where("scope", "=", p.scope));
const removeExpired = sql((q, p: { now: number }) => q.deleteFrom("idempotency_keys").where("expires_at", "<", p.now));

/** Milliseconds for which a key is kept. */
export const KEEP = DAY;

interface Host extends Service {
  readonly db: Database<IdempotencyTable>;
  readonly idempotency?: Idempotency & { readonly sweep: Worker };
}

export function idempotency(): Mixin<{ readonly idempotency: Idempotency }> {
  return mixin<{ readonly idempotency: Idempotency }, Host>(
    {
      started() {
        const removeOld = async () => {
          await this.db.run(removeExpired, { now: now() });
          return false;
        };
        const sweep = new Worker(this.logger, removeOld, { idle: HOUR });
        sweep.wake();
        const keys: Idempotency = {
          once: (ctx, work) => (isKeyed(ctx) ? once(this.db, ctx, work) : this.db.write(work)),
          replay: async (ctx) => {
            if (!isKeyed(ctx)) return undefined;
            const claim = claimOf(ctx);
            const found = await this.db.one(find, claim);
            return found && answered(ctx, found, requestHash(ctx.params));
          },
          mark: (ctx, { hash: of, answer }, refusal) =>
            required(insert.with({ ...rowOf(ctx, of), answer: JSON.stringify(answer) }), refusal),
          settle: (claim, answer) => setAnswer.with({ ...claim, answer: JSON.stringify(answer) }),
          forget: (userId) =>
            Object.keys(this.schema.actions ?? {}).map((name) =>
              removeScope.with({ scope: scopeOf(`${this.fullName}.${name}`, userId) }),
            ),
        };
        addName(this, "idempotency", { ...keys, sweep });
      },
      async stopped() {
        await this.idempotency?.sweep.stop();
      },
    },
    { name: "idempotency", migrations },
  );
}

/** True when a key was sent or is required. */
const isKeyed = (ctx: Ctx): boolean =>
  ctx.headers["idempotency-key"] !== undefined || definitionOf(ctx)?.idempotent === true;

class Taken extends Error {}

/** The key is inserted with the first write of `work`. When it is taken, the effects of `work` are rolled back. */
async function once<R>(db: Database<IdempotencyTable>, ctx: Ctx, work: (tx: AnyTransaction) => Promise<R>): Promise<R> {
  const row = rowOf(ctx);
  try {
    return await db.write(async (tx) => {
      tx.add(required((ctx.user?.service ? insert : insertOfPerson).with(row), () => new Taken()));
      const made = await work(tx);
      tx.add(setAnswer.with({ ...row, answer: JSON.stringify(made ?? null) }));
      return made;
    });
  } catch (error) {
    // This also applies when `work` refuses, because it may do so before it has sent anything, including the key.
    const found = await db.one(find, row).catch((fault: unknown) => {
      throw error instanceof Taken ? fault : error;
    });
    if (found) return answered(ctx, found, row.request_hash) as R;
    if (!(error instanceof Taken)) throw error;
  }
  const { rows = 0 } = (await db.one(countHeld, row)) ?? {};
  if (rows >= MOST) throw sharedError("RATE_LIMITED", { retryAfter: 60 * 60 });
  // An expired key was removed meanwhile.
  return once(db, ctx, work);
}

const rowOf = (ctx: Ctx, request_hash = requestHash(ctx.params)): Row => ({
  ...claimOf(ctx),
  request_hash,
  answer: null,
  expires_at: now() + KEEP,
});

/** A key belongs to its caller, so nobody gets the answer to another person's request. */
const claimOf = (ctx: Ctx): Claim => ({
  scope: scopeOf(definitionOf(ctx)?.name ?? "", ctx.user?.service ?? ctx.user?.id ?? ""),
  key: idempotencyKey(ctx),
});

function answered(ctx: Ctx, { request_hash, answer }: Row, requested: string): unknown {
  if (request_hash !== requested) throw sharedError("IDEMPOTENCY_KEY_REUSED");
  if (answer === null) throw sharedError("IDEMPOTENCY_IN_PROGRESS", { retryAfter: 1 });
  ctx.meta["$replayed"] = true;
  return JSON.parse(answer) as unknown;
}

const scopeOf = (action: string, caller: string): string => `${action} ${caller}`;

const definitionOf = (ctx: Ctx) => (ctx as unknown as { action?: { name: string; idempotent?: boolean } }).action;
