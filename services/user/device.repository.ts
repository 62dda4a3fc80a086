/** All SQL of devices that sign in by a code. A code is good for ten minutes, and for one sign-in. */
import { now, timestamp } from "#core/clock.ts";
import type { Input, Output } from "#core/contract.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { type DeviceRow, hashOf, newDeviceCode, newUserCode, typed } from "./device.model.ts";
import { user } from "./user.contract.ts";
import type { Account } from "./user.model.ts";
import { type Db, get, type Tx, type UserTables } from "./user.repository.ts";

/** Milliseconds: how long a code is good, how often it may be asked about, and by how much longer when it is too often. */
const GOOD = 600_000;
const PAUSE = 5000;
const SLOWER = 5000;
/** In seconds, as devices are told. */
export const patience = { expiresIn: GOOD / 1000, interval: PAUSE / 1000 };
/** Codes that a person may try in a row, and milliseconds until they may again. */
const TRIES = 10;
const WAIT = 15 * 60_000;

const sql = statements<UserTables>();

const removeOld = sql((q, p: { now: number }) => q.deleteFrom("devices").where("expires_at", "<=", p.now));
const insert = sql((q, p: DeviceRow) =>
  q
    .insertInto("devices")
    .values({
      ...columns(p, "code_hash", "user_code", "name", "status", "user_id", "pause", "asked_at", "created_at"),
      expires_at: p.expires_at,
    })
    .onConflict((one) => one.doNothing()),
);
const byUserCode = sql((q, p: { user_code: string; now: number }) =>
  q
    .selectFrom("devices")
    .selectAll()
    .where("user_code", "=", p.user_code)
    .where("status", "=", "pending")
    .where("expires_at", ">", p.now),
);
const decide = sql((q, p: Pick<DeviceRow, "user_code" | "status" | "user_id"> & { now: number }) =>
  q
    .updateTable("devices")
    .set(columns(p, "status", "user_id"))
    .where("user_code", "=", p.user_code)
    .where("status", "=", "pending")
    .where("expires_at", ">", p.now),
);
/** Locks the row, so that two questions at once come one after the other. */
const ask = sql((q, p: { code_hash: string }) =>
  q
    .updateTable("devices")
    .set((e) => ({ pause: e.ref("pause") }))
    .where("code_hash", "=", p.code_hash)
    .returningAll(),
);
const setAsked = sql((q, p: Pick<DeviceRow, "code_hash" | "pause" | "asked_at">) =>
  q
    .updateTable("devices")
    .set(columns(p, "pause", "asked_at"))
    .where("code_hash", "=", p.code_hash),
);
const remove = sql((q, p: { code_hash: string }) => q.deleteFrom("devices").where("code_hash", "=", p.code_hash));
const removeOf = sql((q, p: { user_id: string }) => q.deleteFrom("devices").where("user_id", "=", p.user_id));
const takeTry = sql((q, p: { user_id: string; now: number; until: number; most: number }) =>
  q
    .insertInto("device_tries")
    .values({ user_id: p.user_id, tries: 1, until: p.until })
    .onConflict((one) =>
      one
        .column("user_id")
        .doUpdateSet((e) => ({
          tries: e
            .case()
            .when("device_tries.until", "<=", p.now)
            .then(1)
            .else(e("device_tries.tries", "+", 1))
            .end(),
          until: p.until,
        }))
        .where((e) => e.or([e("device_tries.tries", "<", p.most), e("device_tries.until", "<=", p.now)])),
    ),
);
const takeBack = sql((q, p: { user_id: string }) =>
  q
    .updateTable("device_tries")
    .set((e) => ({ tries: e("tries", "-", 1) }))
    .where("user_id", "=", p.user_id)
    .where("tries", ">", 0),
);
const removeTries = sql((q, p: { user_id: string }) => q.deleteFrom("device_tries").where("user_id", "=", p.user_id));

/** A new pair of codes. */
export async function beginDevice(tx: Tx, name: string): Promise<{ deviceCode: string; userCode: string }> {
  const time = now();
  tx.add(removeOld.with({ now: time }));
  for (;;) {
    const [deviceCode, user_code] = [newDeviceCode(), newUserCode()];
    const row: DeviceRow = {
      code_hash: hashOf(deviceCode),
      user_code,
      name,
      status: "pending",
      user_id: null,
      pause: PAUSE,
      asked_at: 0,
      created_at: time,
      expires_at: time + GOOD,
    };
    // Another device may show the same code just now.
    if ((await tx.run(insert, row)) > 0) return { deviceCode, userCode: user_code };
  }
}

/**
 * Counts a code that somebody tries, before it is looked for. A right one takes back its own try alone: otherwise a device
 * of one's own would clear the count of guesses.
 * @throws RATE_LIMITED after many wrong ones
 */
async function countTry(db: Db, user_id: string): Promise<void> {
  const time = now();
  if ((await db.run(takeTry, { user_id, now: time, until: time + WAIT, most: TRIES })) === 0)
    throw user.error("RATE_LIMITED", { retryAfter: WAIT / 1000 });
}

/** @throws NOT_FOUND, RATE_LIMITED */
export async function find(db: Db, userId: string, userCode: string): Promise<Output<"user.getDevice">> {
  await countTry(db, userId);
  const row = await db.one(byUserCode, { user_code: typed(userCode), now: now() });
  if (!row) throw user.error("NOT_FOUND");
  await db.run(takeBack, { user_id: userId });
  return { name: row.name, createdAt: timestamp(row.created_at), expiresAt: timestamp(row.expires_at) };
}

/** Signs the device in as this person, or refuses it. @throws NOT_FOUND, RATE_LIMITED */
export async function approve(db: Db, userId: string, wish: Input<"user.approveDevice">): Promise<void> {
  await countTry(db, userId);
  const to = { status: wish.approved ? "approved" : "refused", user_id: wish.approved ? userId : null } as const;
  const decided = await db.run(decide, { ...to, user_code: typed(wish.userCode), now: now() });
  if (decided === 0) throw user.error("NOT_FOUND");
  await db.run(takeBack, { user_id: userId });
}

type Refusal = "AUTHORIZATION_PENDING" | "SLOW_DOWN" | "DEVICE_REFUSED" | "DEVICE_CODE_INVALID";

/** Who signs in with the device, and what it calls itself. */
interface SignedIn {
  readonly account: Account;
  readonly device: string;
}

/** Whose device it is. It is used up by that, unless its person has not decided yet. */
export async function signIn(tx: Tx, deviceCode: string): Promise<SignedIn | Refusal> {
  const time = now();
  const row = await tx.one(ask, { code_hash: hashOf(deviceCode) });
  if (!row || row.expires_at <= time) return "DEVICE_CODE_INVALID";
  const { code_hash, status, user_id } = row;
  const isTooSoon = time - row.asked_at < row.pause;
  if (isTooSoon || status === "pending") {
    tx.add(setAsked.with({ code_hash, asked_at: time, pause: row.pause + (isTooSoon ? SLOWER : 0) }));
    return isTooSoon ? "SLOW_DOWN" : "AUTHORIZATION_PENDING";
  }
  tx.add(remove.with({ code_hash }));
  if (user_id === null) return "DEVICE_REFUSED";
  return { account: await get(tx, user_id), device: row.name };
}

/** Forgets the devices that have not signed in yet. Before sessions end, so that one that is just signing in is among them. */
export const withdraw = (tx: Tx, userId: string): Promise<number> => tx.run(removeOf, { user_id: userId });

export const removeAllOf = (userId: string): readonly Write[] => [
  removeOf.with({ user_id: userId }),
  removeTries.with({ user_id: userId }),
];
