/** Handlers of sessions, and what every way to begin or end one has in common. */
import type { Service } from "moleculer";
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { fitting } from "#core/cursor.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import { REVOCATION_CHANGED } from "#mixins/middlewares/revocation.middleware.ts";
import { revocationsOf } from "#mixins/node/revocations.ts";
import { ACCESS_TOKEN_TTL, signAccessToken } from "#mixins/node/tokens.ts";
import { deviceOf, roughly } from "./agent.model.ts";
import type { UserService } from "./attempt.mixin.ts";
import { digest } from "./attempt.model.ts";
import { know } from "./attempt.repository.ts";
import { withdraw } from "./device.repository.ts";
import * as mails from "./mail.repository.ts";
import type { Revocation } from "./revocation.contract.ts";
import type { ownSessions as contract } from "./session.contract.ts";
import { endChallenges } from "./second-factor.repository.ts";
import type { Origin } from "./session.model.ts";
import * as sessions from "./session.repository.ts";
import { permissionsOf } from "./permission.model.ts";
import { user } from "./user.contract.ts";
import { type Account, grantedTo } from "./user.model.ts";
import type { Tx } from "./user.repository.ts";

/** The answer to signing in and to refreshing. */
export const tokensOf = async (account: Account, { session, refreshToken }: sessions.Issued) => ({
  accessToken: await signAccessToken({
    id: account.id,
    roles: grantedTo(account),
    ...(account.permissions !== null && { permissions: permissionsOf(account) }),
    session,
  }),
  refreshToken,
  tokenType: "Bearer" as const,
  expiresIn: ACCESS_TOKEN_TTL,
});

const originOf = ({ meta }: Ctx, device: string | null): Origin => ({
  device: device ?? deviceOf(meta.agent),
  network: roughly(meta.network),
});

/**
 * Begins a session of somebody who has proved who they are. They are told when they were never seen with this device, or in
 * this network.
 * @param device what the device calls itself
 */
export async function beginSession(
  service: Pick<UserService, "outbox">,
  ctx: Ctx,
  tx: Tx,
  { id, device }: { readonly id: string; readonly device: string | null },
): Promise<sessions.Issued> {
  const origin = originOf(ctx, device);
  const { network } = ctx.meta;
  const places = [
    ...(network === undefined ? [] : [{ kind: "network" as const, id: digest("network", id, network) }]),
    ...(origin.device === null ? [] : [{ kind: "device" as const, id: digest("device", id, origin.device) }]),
  ];
  if (await know(tx, id, places)) {
    const detail = {
      ...(origin.device && { device: origin.device }),
      ...(origin.network && { network: origin.network }),
    };
    const mailId = mails.write(tx, { user_id: id, kind: "notice", detail });
    tx.add(service.outbox.event(ctx, "user.sign_in_noticed", `user:${id}`, { userId: id, mailId }));
  }
  return sessions.begin(tx, id, origin);
}

/** After the commit: this node learns the revocations at once, and the others are told to ask for them. */
export function tell({ broker }: Pick<Service, "broker">, tx: Tx, revoked: readonly Revocation[]): void {
  tx.afterCommit(() => {
    revocationsOf(broker).learn(revoked);
    void broker.broadcast(REVOCATION_CHANGED);
  });
}

/** Ends all sessions of a person but this one, and those that devices are about to begin. */
export async function endAccess(tx: Tx, id: string, keep?: string): Promise<Revocation[]> {
  await withdraw(tx, id);
  tx.add(endChallenges(id));
  return sessions.endOthers(tx, id, keep);
}

const handlers = {
  async refresh(this: UserService, ctx: Ctx<Input<"user.refresh">>) {
    const rotated = await this.db.write(async (tx) => {
      const outcome = await sessions.rotate(tx, ctx.params.refreshToken);
      if (outcome !== "unknown" && "reused" in outcome) tell(this, tx, outcome.reused);
      return outcome;
    });
    // The error is thrown after the commit, because inside the transaction it would roll the end of the session back.
    if (rotated !== "unknown" && "reused" in rotated) throw user.error("REFRESH_TOKEN_REUSED");
    if (rotated === "unknown") throw user.error("REFRESH_TOKEN_INVALID");
    return tokensOf(rotated.account, rotated);
  },

  async signOut(this: UserService, ctx: Ctx) {
    const { session } = ctx.user!;
    if (session) await this.db.write(async (tx) => tell(this, tx, await sessions.end(tx, session, userId(ctx))));
    return null;
  },

  async listSessions(this: UserService, ctx: Ctx) {
    return { items: fitting(await sessions.list(this.db, userId(ctx), ctx.user?.session)), nextCursor: null };
  },

  async removeSession(this: UserService, ctx: Ctx<Input<"user.removeSession">>) {
    const { id } = ctx.params;
    await this.db.write(async (tx) => {
      if (!(await sessions.remove(tx, id, userId(ctx)))) throw user.error("NOT_FOUND");
      tell(this, tx, await sessions.end(tx, id, userId(ctx)));
    });
    return null;
  },

  async removeOtherSessions(this: UserService, ctx: Ctx) {
    await this.db.write(async (tx) => tell(this, tx, await endAccess(tx, userId(ctx), ctx.user?.session)));
    return null;
  },
} satisfies BlockHandlers<typeof contract>;

export const ownSessions = (): Mixin => mixin({}, { name: "ownSessions", migrations: {}, handlers });
