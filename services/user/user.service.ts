/** Accounts: identity, sign-in, roles, and delivery addresses. */
import { userId } from "#core/context.ts";
import { implement } from "#core/implement.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import { ownAddresses } from "./address.mixin.ts";
import * as addresses from "./address.repository.ts";
import { apiKeys } from "./api-key.mixin.ts";
import { guarded } from "./attempt.mixin.ts";
import { forgetNetworks } from "./attempt.repository.ts";
import { benefits } from "./benefit.mixin.ts";
import { coupons } from "./coupon.mixin.ts";
import { toAuthorization } from "./device.model.ts";
import * as devices from "./device.repository.ts";
import { askToVerify, emailAddress } from "./email.mixin.ts";
import * as mails from "./mail.repository.ts";
import { hashPassword } from "./password-hash.model.ts";
import { staffPermissions } from "./permission.mixin.ts";
import { permissionsOf } from "./permission.model.ts";
import { bringBack, deliver, leave, points } from "./point.mixin.ts";
import { recovery } from "./recovery.mixin.ts";
import * as requests from "./recovery.repository.ts";
import * as revocations from "./revocation.repository.ts";
import { secondFactor } from "./second-factor.mixin.ts";
import * as factors from "./second-factor.repository.ts";
import { beginSession, endAccess, ownSessions, tell, tokensOf } from "./session.mixin.ts";
import * as sessions from "./session.repository.ts";
import { config } from "./user.config.ts";
import { user as contract } from "./user.contract.ts";
import { checkNewPassword, newAccount, rolesOf, toContact, toUser } from "./user.model.ts";
import * as users from "./user.repository.ts";

export default implement(contract, {
  mixins: [
    database<users.UserTables, "addresses">({
      migrations: new URL("./migrations/", import.meta.url),
      shown: [
        "api_keys.name",
        "point_transactions.reason",
        "point_bookings.source",
        "point_bookings.target",
        "api_keys.permissions",
        "users.permissions",
      ],
      entity: "addresses",
    }),
    audit(),
    outbox(),
    inbox(),
    idempotency(),
    // The rows of all other tables are removed together with the account.
    erasure(leave),
    guarded(),
    ownAddresses(),
    ownSessions(),
    emailAddress(),
    recovery(),
    secondFactor(),
    staffPermissions(),
    apiKeys(),
    coupons(),
    benefits(),
    points(),
  ],

  actions: {
    async signUp(ctx) {
      const { password, language = ctx.meta.language ?? "en", ...person } = ctx.params;
      checkNewPassword({ password, pointer: "/password", language: ctx.meta.language }, person);
      const passwordHash = await hashPassword(password, this.attempts.signingUp(ctx));
      const isVerified = config.USER_SIGN_UP_VERIFIED;
      const account = newAccount({ ...person, language, roles: ["customer"], passwordHash, isVerified });
      await this.db.write(async (tx) => {
        if (!(await users.add(tx, account))) throw contract.error("EMAIL_TAKEN");
        if (!isVerified) askToVerify(this, ctx, tx, account);
      });
      return toUser(account);
    },

    async signIn(ctx) {
      const { email, password, device = null } = ctx.params;
      const account = await users.findByEmail(this.db, email);
      const turn = await this.attempts.signingIn(ctx, { email, userId: account?.id });
      const kept = await this.attempts.verify(turn, password, account?.password_hash);
      if (!account) throw contract.error("BAD_CREDENTIALS");
      const outcome = await this.db.write(async (tx) => {
        const { id, password_hash: from, password_once: once } = account;
        const unchanged = await users.setPassword(tx, { id, from, to: kept, once });
        if (!unchanged) throw contract.error("BAD_CREDENTIALS");
        tx.add(this.attempts.settled(turn));
        // The roles, and whether a code is needed, may have changed while the password was checked.
        const current = await users.get(tx, id);
        if (current.second_factor_at !== null) return factors.challenge(tx, id, device);
        return { ...(await beginSession(this, ctx, tx, { id, device })), current };
      });
      // After the commit, because inside the transaction the error would undo the challenge.
      if (typeof outcome === "string")
        throw contract.error("SECOND_FACTOR_REQUIRED", { challenge: outcome, expiresIn: factors.PATIENCE / 1000 });
      return tokensOf(outcome.current, outcome);
    },

    async authorizeDevice(ctx) {
      const codes = await this.db.write((tx) => devices.beginDevice(tx, ctx.params.name));
      return { ...toAuthorization(codes, config.USER_DEVICE_PAGE), ...devices.patience };
    },

    getDevice(ctx) {
      return devices.find(this.db, userId(ctx), ctx.params.userCode);
    },

    async approveDevice(ctx) {
      await devices.approve(this.db, userId(ctx), ctx.params);
      return null;
    },

    async signInDevice(ctx) {
      const asked = await this.db.write(async (tx) => {
        const found = await devices.signIn(tx, ctx.params.deviceCode);
        if (typeof found === "string") return found;
        const { account, device } = found;
        return { account, ...(await beginSession(this, ctx, tx, { id: account.id, device })) };
      });
      // After the commit, because inside the transaction the error would undo the count of questions.
      if (typeof asked === "string") throw contract.error(asked);
      return tokensOf(asked.account, asked);
    },

    async getProfile(ctx) {
      return toUser(await users.get(this.db, userId(ctx)));
    },

    async editProfile(ctx) {
      const { version, ...changes } = ctx.params;
      return toUser(await this.db.write((tx) => users.update(tx, { id: userId(ctx), version }, changes)));
    },

    async erase(ctx) {
      const id = userId(ctx);
      const { version, password } = ctx.params;
      const account = await users.get(this.db, id);
      if (version !== undefined && version !== account.version) throw contract.error("STALE_VERSION");
      await this.attempts.verify(this.attempts.signedIn(ctx), password, account.password_hash);
      await this.db.write(async (tx) => {
        await users.keepAnAdmin(tx, id);
        await users.erase(tx, { id, version });
        tell(this, tx, [...(await sessions.endOthers(tx, id)), ...(await revocations.revoke(tx, [id]))]);
        tx.add(
          forgetNetworks(id),
          addresses.removeAllOf(id),
          mails.removeAllOf(id),
          requests.removeAllOf(account.email),
          ...devices.removeAllOf(id),
          ...factors.removeAllOf(id),
          ...this.idempotency.forget(id),
        );
        await this.erasure.begin(tx, id);
        tx.add(this.outbox.event(ctx, "user.deleted", `user:${id}`, { userId: id }));
      });
      return null;
    },

    async changePassword(ctx) {
      const { currentPassword, newPassword } = ctx.params;
      const { id, email, name, password_hash: from } = await users.get(this.db, userId(ctx));
      const chosen = { password: newPassword, pointer: "/newPassword", language: ctx.meta.language };
      checkNewPassword(chosen, { email, name }, currentPassword);
      const turn = this.attempts.signedIn(ctx);
      await this.attempts.verify(turn, currentPassword, from);
      const to = await hashPassword(newPassword, turn);
      await this.db.write(async (tx) => {
        if (!(await users.setPassword(tx, { id, from, to, once: 0 }))) throw contract.error("BAD_CREDENTIALS");
        tx.add(mails.endLinks(id), this.outbox.event(ctx, "user.password_changed", `user:${id}`, { userId: id }));
        tell(this, tx, await endAccess(tx, id, ctx.user?.session));
      });
      return null;
    },

    list(ctx) {
      return users.page(this.db, ctx.params);
    },

    async get(ctx) {
      return toUser(await users.get(this.db, ctx.params.id));
    },

    async setRoles(ctx) {
      const { id, version, roles } = ctx.params;
      const account = await this.db.write(async (tx) => {
        if (!roles.includes("admin")) await users.keepAnAdmin(tx, id);
        await users.lock(tx, id);
        const before = rolesOf(await users.get(tx, id));
        const changed = await users.update(tx, { id, version }, { roles: JSON.stringify(roles) });
        const isDemoted = before.some((role) => !roles.includes(role));
        const ended = isDemoted ? await sessions.endOthers(tx, id) : [];
        // An access token with the former roles may just be under way.
        tell(this, tx, [
          ...ended,
          ...(await revocations.revoke(tx, [id], { roles, permissions: permissionsOf(changed) })),
        ]);
        return changed;
      });
      return toUser(account);
    },

    listRevocations(ctx) {
      return revocations.list(this.db, ctx.params.since, ctx.params.cursor);
    },

    async contact(ctx) {
      const found = await users.getAll(this.db, ctx.params.ids);
      return { items: found.map(toContact) };
    },

    async seed(ctx) {
      const { password, grant = false, ...person } = ctx.params;
      checkNewPassword({ password, pointer: "/password", language: ctx.meta.language }, person);
      const existing = await users.findByEmail(this.db, person.email);
      if (existing && !grant) return { id: existing.id, created: false };
      const passwordHash = await hashPassword(password);
      const account = newAccount({ ...person, passwordHash, isVerified: true, isOnce: grant });
      return this.db.write(async (tx) => {
        const found = await users.addOrFind(tx, account, grant);
        if (found.created) tell(this, tx, await endAccess(tx, found.id));
        if (found.created) tx.add(mails.endLinks(found.id));
        return found;
      });
    },
  },

  events: {
    "order.delivered": deliver,
    "order.returned": bringBack,
  },
});
