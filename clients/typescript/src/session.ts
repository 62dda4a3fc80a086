/** Who is signed in. The access token is renewed in time, once for all calls that need it. */
import type { Tokens, UserSignInBody as SignInInput } from "./schemas.generated.ts";
import { isMadangError } from "./problem.ts";

/** Milliseconds before its end from which a token is no longer used. */
const MARGIN = 30_000;

export interface SessionCalls {
  signIn(input: SignInInput): Promise<Tokens>;
  refresh(refreshToken: string): Promise<Tokens>;
  signOut(): Promise<void>;
}

export class Session {
  readonly #calls: SessionCalls;
  readonly #changed: (tokens: Tokens | null) => void;
  #tokens: Tokens | null = null;
  #goodUntil = 0;
  #renewal: Promise<string | undefined> | undefined;

  /** @param changed is given the tokens to keep, and null when the session has ended */
  constructor(calls: SessionCalls, changed: (tokens: Tokens | null) => void = () => {}) {
    this.#calls = calls;
    this.#changed = changed;
  }

  /** @throws MadangError `USER_BAD_CREDENTIALS` among others */
  async signIn(input: SignInInput): Promise<void> {
    this.#keep(await this.#calls.signIn(input));
  }

  /**
   * Goes on with tokens that were kept, or that another way of signing in gave.
   * @param tokens their access token may have expired meanwhile
   */
  resume(tokens: Tokens): void {
    this.#keep(tokens, 0);
  }

  /** The session is over here even when the gateway cannot be asked. */
  async signOut(): Promise<void> {
    if (!this.#tokens) return;
    try {
      await this.#calls.signOut();
    } finally {
      this.#end();
    }
  }

  /** A token that can be used now, undefined when nobody is signed in. */
  async accessToken(): Promise<string | undefined> {
    if (!this.#tokens || performance.now() < this.#goodUntil) return this.#tokens?.accessToken;
    return this.renew(this.#tokens.accessToken);
  }

  /** A token other than this one, which was refused or is about to end. Parallel calls share one renewal. */
  async renew(refused: string): Promise<string | undefined> {
    if (!this.#tokens || this.#tokens.accessToken !== refused) return this.#tokens?.accessToken;
    this.#renewal ??= this.#refresh(this.#tokens.refreshToken).finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async #refresh(refreshToken: string): Promise<string | undefined> {
    try {
      const tokens = await this.#calls.refresh(refreshToken);
      // Signed out, or in as somebody else, meanwhile.
      if (this.#tokens?.refreshToken === refreshToken) this.#keep(tokens);
      return this.#tokens?.accessToken;
    } catch (error) {
      if (isMadangError(error) && error.status === 401 && this.#tokens?.refreshToken === refreshToken) this.#end();
      throw error;
    }
  }

  #keep(tokens: Tokens, milliseconds = tokens.expiresIn * 1000 - MARGIN): void {
    this.#tokens = tokens;
    this.#goodUntil = performance.now() + milliseconds;
    this.#changed(tokens);
  }

  #end(): void {
    this.#tokens = null;
    this.#changed(null);
  }
}
