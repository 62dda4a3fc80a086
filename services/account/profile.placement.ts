/** How viewer profiles are made, changed and removed. What is slow about a PIN happens outside of transactions. */
import type { Input } from "#core/contract.ts";
import { type Ctx, userId } from "#core/context.ts";
import { account } from "./account.contract.ts";
import type { Host } from "./account.saga.ts";
import { hashPin } from "./pin.model.ts";
import type { Profile } from "./profile.contract.ts";
import {
  changed,
  isLoosened,
  isLooser,
  parentsAmong,
  type ProfileRow,
  settingsOf,
  toProfile,
} from "./profile.model.ts";
import * as profiles from "./profile.repository.ts";

/** The profile that may be changed now. @throws NOT_FOUND, STALE_VERSION, PIN_REQUIRED, PIN_WRONG, RATE_LIMITED */
async function opened({ db }: Host, ctx: Ctx<{ id: string; version?: number; pin?: string }>): Promise<ProfileRow> {
  const { id, version, pin } = ctx.params;
  const row = await profiles.find(db, id, userId(ctx));
  if (version !== undefined && version !== row.version) throw account.error("STALE_VERSION");
  await profiles.checkPin(db, row, pin);
  return row;
}

/** A looser profile needs a parent's PIN, unless its own, which was sent to open it, is one. @throws PIN_REQUIRED, PIN_WRONG, RATE_LIMITED */
async function allowed({ db }: Host, opened: ProfileRow, parentPin: string | undefined): Promise<void> {
  const parents = parentsAmong(await profiles.list(db, opened.user_id));
  if (!parents.some(({ id }) => id === opened.id)) await profiles.checkAnyPin(db, parents, parentPin);
}

export async function addProfile(this: Host, ctx: Ctx<Input<"account.addProfile">>): Promise<Profile> {
  const { pin, parentPin, language = ctx.meta.language ?? "en" } = ctx.params;
  const settings = settingsOf(ctx.params);
  const others = await profiles.list(this.db, userId(ctx));
  if (isLooser(settings, others)) await profiles.checkAnyPin(this.db, parentsAmong(others), parentPin);
  const pin_hash = pin === undefined ? null : await hashPin(pin);
  const fields = { ...settings, user_id: userId(ctx), language, pin_hash };
  return toProfile(await this.db.write((tx) => profiles.add(tx, fields)));
}

export async function editProfile(this: Host, ctx: Ctx<Input<"account.editProfile">>): Promise<Profile> {
  const { newPin, parentPin } = ctx.params;
  const from = await opened(this, ctx);
  const settings = changed(from, ctx.params);
  if (isLoosened(from, settings)) await allowed(this, from, parentPin);
  const pin_hash = newPin ? await hashPin(newPin) : newPin === null ? null : from.pin_hash;
  const to = { ...settings, pin_hash };
  return toProfile(await this.db.write((tx) => profiles.replace(tx, from, to)));
}

export async function removeProfile(this: Host, ctx: Ctx<Input<"account.removeProfile">>): Promise<null> {
  const row = await opened(this, ctx);
  await this.db.write(async (tx) => {
    await profiles.remove(tx, row);
    const removed = { userId: row.user_id, profileId: row.id };
    tx.add(this.outbox.event(ctx, "account.profile_removed", `profile:${row.id}`, removed));
  });
  return null;
}
