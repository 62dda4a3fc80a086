/** Access tokens of people and tokens between services: made and verified here, and nowhere else. */
import { errors, importJWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { now } from "./clock.ts";
import type { Caller } from "./context.ts";
import { sharedError } from "./errors.ts";
import { serviceKey, tokenPrivateKey, tokenPublicKey } from "./keys.ts";

const ISSUER = "madang";
/** Seconds. */
export const ACCESS_TOKEN_TTL = 15 * 60;
const SERVICE_TOKEN_TTL = 5 * 60;
const REMEMBERED = 20_000;

/** What a console's token names instead of a service; no contract can have this name. */
export const OPERATOR = "$operator";

/** Verified or signed once, then remembered until shortly before it expires; the oldest go first. */
class Memory<T> {
  readonly #entries = new Map<string, { value: T; until: number }>();

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.until > now() ? entry.value : undefined;
  }

  /** @param until milliseconds since the epoch */
  set(key: string, value: T, until: number): T {
    if (this.#entries.size >= REMEMBERED) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.delete(key);
    this.#entries.set(key, { value, until });
    return value;
  }
}

/** Signs an access token (RFC 9068 claims where they exist) for a person's sign-in. */
export async function signAccessToken({ id, roles, session }: Caller & { session: string }): Promise<string> {
  const key = tokenPrivateKey();
  return new SignJWT({ roles, sid: session })
    .setProtectedHeader({ alg: "EdDSA", kid: key.kid, typ: "at+jwt" })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setSubject(id!)
    .setIssuedAt(Math.floor(now() / 1000))
    .setExpirationTime(Math.floor(now() / 1000) + ACCESS_TOKEN_TTL)
    .sign(await importJWK(key, "EdDSA"));
}

/** Verifies and signs for one node, remembering what it has seen. */
export class Tokens {
  readonly #people = new Memory<Caller>();
  readonly #services = new Memory<Caller>();
  /** By service, then by user. */
  readonly #signed = new Map<string, Memory<string>>();
  readonly #publicKey = importJWK(tokenPublicKey(), "EdDSA");
  readonly #serviceKey = serviceKey();

  /** The claims of a person's token seen before, without waiting. */
  known(token: string): Caller | undefined {
    return this.#people.get(token);
  }

  /** The same for a service's token, which never passes for a person's. */
  knownService(token: string): Caller | undefined {
    return this.#services.get(token);
  }

  /** @throws TOKEN_EXPIRED, TOKEN_INVALID */
  async person(token: string): Promise<Caller> {
    const claims = await this.#verify(token, await this.#publicKey, "EdDSA", "at+jwt");
    const caller: Caller = { id: claims.sub!, roles: claims["roles"] as string[], session: claims["sid"] as string };
    return this.#people.set(token, caller, claims.exp! * 1000);
  }

  /** @throws TOKEN_EXPIRED, TOKEN_INVALID */
  async service(token: string): Promise<Caller> {
    const claims = await this.#verify(token, this.#serviceKey, "HS256", "service+jwt");
    const caller: Caller = { id: claims.sub ?? null, roles: [], service: claims["service"] as string };
    return this.#services.set(token, caller, claims.exp! * 1000);
  }

  /** A token signed before that is still good for a while, without waiting. */
  signed(service: string, user: string | null): string | undefined {
    return this.#signed.get(service)?.get(user ?? "");
  }

  /** Names the service, and the user on whose behalf it works. */
  async sign(service: string, user: string | null): Promise<string> {
    const token = new SignJWT({ service })
      .setProtectedHeader({ alg: "HS256", typ: "service+jwt" })
      .setIssuer(ISSUER)
      .setExpirationTime(Math.floor(now() / 1000) + SERVICE_TOKEN_TTL);
    if (user) token.setSubject(user);
    // Kept for less than it lives, so that it never ends on its way.
    const until = now() + (SERVICE_TOKEN_TTL - 60) * 1000;
    const signed = await token.sign(this.#serviceKey);
    if (!this.#signed.has(service)) this.#signed.set(service, new Memory());
    return this.#signed.get(service)!.set(user ?? "", signed, until);
  }

  async #verify(
    token: string,
    key: Parameters<typeof jwtVerify>[1],
    algorithm: string,
    typ: string,
  ): Promise<JWTPayload> {
    try {
      const expected = { algorithms: [algorithm], issuer: ISSUER, typ, currentDate: new Date(now()) };
      const { payload } = await jwtVerify(token, key as never, expected);
      return payload;
    } catch (error) {
      throw sharedError(error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID");
    }
  }
}
