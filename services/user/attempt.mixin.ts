/**
 * Adds `this.attempts`, through which every password is checked. Attempts are counted in the database, so that all
 * nodes count together and a restart forgets none. See docs/adr/0031-attempts-per-account.md.
 */
import type { Service } from "moleculer";
import { sharedError } from "#core/errors.ts";
import { type Ctx, userId } from "#core/context.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { timeGiven } from "#mixins/middlewares/deadline.middleware.ts";
import { allowances, digest } from "./attempt.model.ts";
import * as attempts from "./attempt.repository.ts";
import { inTurn, verify } from "./password-hash.model.ts";
import type { Turn } from "./turn.model.ts";
import { user as contract } from "./user.contract.ts";
import type { UserTables } from "./user.repository.ts";

/** The share of a call's time for which it may wait. After that, the answer is that the service is busy. */
const PATIENCE = 0.75;

const patienceOf = (ctx: Ctx): number => timeGiven(ctx) * PATIENCE;

interface Host extends Service {
  readonly db: Database<UserTables>;
}

/** What handlers beside those of the service's own file find in it. */
export interface UserService extends Host {
  readonly attempts: Attempts;
  readonly outbox: Outbox;
}

/** The account whose password is checked; without `userId` when no such account exists. */
interface SigningIn {
  readonly email: string;
  readonly userId: string | undefined;
}

export class Attempts {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * The queue of a sign-in. A network from which the account was used has its own count and comes first, so that
   * strangers who guess passwords cannot lock the owner out at home.
   */
  async signingIn(ctx: Ctx, { email, userId = "" }: SigningIn): Promise<Turn> {
    const known = digest("network", userId, ctx.meta.network ?? "");
    const isKnown = await attempts.isKnown(this.#host.db, known);
    return { line: isKnown ? known : digest("account", email), isKnown, patience: patienceOf(ctx) };
  }

  /** Removes the debt after a right password, since the wrong ones before it were typing mistakes. */
  settled({ line }: Turn): Write {
    return attempts.forget(line);
  }

  /** The queue of a person who has no account yet. */
  signingUp(ctx: Ctx): Turn {
    return { line: digest("network", "", ctx.meta.network ?? ""), isKnown: false, patience: patienceOf(ctx) };
  }

  /** The queue of a signed-in person who must repeat the password. */
  signedIn(ctx: Ctx): Turn {
    return { line: digest("session", ctx.user?.session ?? userId(ctx)), isKnown: true, patience: patienceOf(ctx) };
  }

  /**
   * Takes one of what somebody may do.
   * @throws RATE_LIMITED when nothing is left
   */
  async spend(allowance: keyof typeof allowances, ...subject: readonly string[]): Promise<void> {
    const { db } = this.#host;
    const wait = await attempts.spend(db, digest(allowance, ...subject), allowances[allowance]);
    if (wait > 0) throw sharedError("RATE_LIMITED", { retryAfter: Math.ceil(wait / 1000) });
  }

  /** Removes the debt after what was right. */
  refund(allowance: keyof typeof allowances, ...subject: readonly string[]): Write {
    return attempts.forget(digest(allowance, ...subject));
  }

  /**
   * Whose guesses of codes are counted together: a network from which the account was used has a count of its own, so that
   * strangers cannot keep the owner out at home.
   */
  async guessing(ctx: Ctx, userId: string): Promise<readonly string[]> {
    const known = digest("network", userId, ctx.meta.network ?? "");
    return (await attempts.isKnown(this.#host.db, known)) ? [userId, known] : [userId];
  }

  /**
   * @param stored undefined when no such account exists; the check takes the same time then
   * @returns the hash to store from now on
   * @throws BAD_CREDENTIALS, and after too many of them RATE_LIMITED, whether the password is right or not
   */
  verify(turn: Turn, password: string, stored: string | undefined): Promise<string> {
    const { line: subject } = turn;
    const { db } = this.#host;
    return inTurn(turn, async () => {
      const wait = await attempts.waitOf(db, subject);
      if (wait > 0) throw sharedError("RATE_LIMITED", { retryAfter: Math.ceil(wait / 1000) });
      const kept = await verify(password, stored);
      if (kept !== null) return kept;
      await db.write(async (tx) => tx.add(...attempts.fail(subject)));
      throw contract.error("BAD_CREDENTIALS");
    });
  }
}

export function guarded(): Mixin<{ readonly attempts: Attempts }> {
  return mixin<{ readonly attempts: Attempts }, Host>({
    created() {
      addName(this, "attempts", new Attempts(this));
    },
  });
}
