/** The only place that makes and verifies access tokens of people and tokens between services. */
import { decodeProtectedHeader, errors, importJWK, jwtVerify, SignJWT } from "jose";
import Type, { type Static } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { now } from "#core/clock.ts";
import type { Caller } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import { serviceKey, tokenPrivateKey, tokenPublicKey } from "./keys.ts";
import type { Revocations } from "./revocations.ts";
import { Id, Permissions, Role, Text } from "#core/schema.ts";

const ISSUER = "madang";
/** Lifetime in seconds. */
export const ACCESS_TOKEN_TTL = 15 * 60;
const SERVICE_TOKEN_TTL = 5 * 60;
/** Lifetime in seconds of the token that a gateway gets for an API key. */
export const KEY_TOKEN_TTL = 5 * 60;
/** Seconds by which the clocks of two nodes may differ. */
const SKEW = 60;
const REMEMBERED = 20_000;

/** A cache of verified or signed tokens until shortly before they expire. The oldest entries are dropped first. */
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

const Seconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const claims = { iss: Type.Literal(ISSUER), aud: Type.Literal(ISSUER), iat: Seconds, exp: Seconds };
const PersonClaims = Type.Object({
  ...claims,
  sub: Id,
  sid: Id,
  roles: Type.Array(Role, { minItems: 1, maxItems: 3 }),
  permissions: Type.Optional(Permissions),
});
const KeyClaims = Type.Object({ ...claims, sub: Id, permissions: Permissions });
const ServiceClaims = Type.Object({ ...claims, sub: Type.Optional(Id), service: Text(100) });

/** The requirements of a kind of token. Our signature alone does not make it one of this kind. */
interface Kind<Claims> {
  readonly typ: string;
  readonly algorithm: string;
  /** The longest lifetime in seconds. */
  readonly ttl: number;
  readonly claims: Pick<Validator, "Check"> & { readonly "~claims"?: Claims };
}

const personToken: Kind<Static<typeof PersonClaims>> = {
  typ: "at+jwt",
  algorithm: "EdDSA",
  ttl: ACCESS_TOKEN_TTL,
  claims: Compile(PersonClaims),
};
/** A kind of its own, so that a node of the release before refuses it, and never takes a key for a member of staff. */
const keyToken: Kind<Static<typeof KeyClaims>> = {
  typ: "key+jwt",
  algorithm: "EdDSA",
  ttl: KEY_TOKEN_TTL,
  claims: Compile(KeyClaims),
};
const serviceToken: Kind<Static<typeof ServiceClaims>> = {
  typ: "service+jwt",
  algorithm: "HS256",
  ttl: SERVICE_TOKEN_TTL,
  claims: Compile(ServiceClaims),
};

/** Signs an access token for a person's session (with RFC 9068 claims where they exist). */
export async function signAccessToken(person: Caller & { session: string }): Promise<string> {
  const { id, roles, permissions, session } = person;
  const key = tokenPrivateKey();
  return draft(personToken, { roles, ...(permissions && { permissions }), sid: session }, key.kid)
    .setSubject(id!)
    .sign(await importJWK(key, "EdDSA"));
}

/**
 * Signs the token with which an API key acts, as staff with exactly its permissions.
 * @param until milliseconds since the epoch, when the key expires
 */
export async function signKeyToken(id: string, permissions: readonly string[], until: number): Promise<string> {
  const key = tokenPrivateKey();
  const token = draft(keyToken, { permissions }, key.kid).setSubject(id);
  const end = Math.floor(Math.min(now() / 1000 + KEY_TOKEN_TTL, until / 1000));
  return token.setExpirationTime(end).sign(await importJWK(key, "EdDSA"));
}

/** True for a token of an API key; only a verified one proves anything. */
function isOfKey(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === keyToken.typ;
  } catch {
    return false;
  }
}

function draft({ typ, algorithm: alg, ttl }: Kind<unknown>, own: object, kid?: string): SignJWT {
  const issued = Math.floor(now() / 1000);
  return new SignJWT({ ...own })
    .setProtectedHeader({ alg, typ, ...(kid !== undefined && { kid }) })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setIssuedAt(issued)
    .setExpirationTime(issued + ttl);
}

/** Verifies and signs for one node, with a cache. */
export class Tokens {
  readonly #people = new Memory<Caller>();
  readonly #services = new Memory<Caller>();
  /** By service, then by user. */
  readonly #signed = new Map<string, Memory<string>>();
  readonly #publicKey = importJWK(tokenPublicKey(), "EdDSA");
  readonly #serviceKey = serviceKey();
  readonly #revocations: Revocations | undefined;

  /** @param revocations ended sessions and removed rights, which a token does not show */
  constructor(revocations?: Revocations) {
    this.#revocations = revocations;
  }

  /** The claims of the token of a person or of an API key from the cache, without waiting. */
  known(token: string): Caller | undefined {
    const caller = this.#people.get(token);
    return caller && (this.#standing(caller) ?? undefined);
  }

  /** The same for a service's token, which is never accepted as a person's. */
  knownService(token: string): Caller | undefined {
    return this.#services.get(token);
  }

  /** @throws TOKEN_EXPIRED, TOKEN_INVALID, SESSION_ENDED */
  async person(token: string): Promise<Caller> {
    const { exp, ...caller } = await (isOfKey(token) ? this.#keyOf(token) : this.#personOf(token));
    const standing = this.#standing(this.#people.set(token, caller, exp * 1000));
    if (!standing) throw sharedError("SESSION_ENDED");
    return standing;
  }

  async #personOf(token: string): Promise<Caller & { readonly exp: number }> {
    const person = await verify(token, await this.#publicKey, personToken);
    const { sub: id, sid: session, roles, permissions, exp } = person;
    return { id, roles, session, ...(permissions && { permissions }), exp };
  }

  async #keyOf(token: string): Promise<Caller & { readonly exp: number }> {
    const { sub: id, permissions, exp } = await verify(token, await this.#publicKey, keyToken);
    return { id, roles: ["staff"], permissions, isKey: true, exp };
  }

  /** @throws TOKEN_EXPIRED, TOKEN_INVALID */
  async service(token: string): Promise<Caller> {
    const { sub: id = null, service, exp } = await verify(token, this.#serviceKey, serviceToken);
    return this.#services.set(token, { id, roles: [], service }, exp * 1000);
  }

  #standing(caller: Caller): Caller | null {
    return this.#revocations ? this.#revocations.standing(caller) : caller;
  }

  /** A cached token that is still valid for a while, without waiting. */
  signed(service: string, user: string | null): string | undefined {
    return this.#signed.get(service)?.get(user ?? "");
  }

  /** Signs a token that names the service, and the user on whose behalf it works. */
  async sign(service: string, user: string | null): Promise<string> {
    const token = draft(serviceToken, { service });
    if (user) token.setSubject(user);
    // It is cached for less than its lifetime, so that it does not expire on its way.
    const until = now() + (SERVICE_TOKEN_TTL - 60) * 1000;
    const signed = await token.sign(this.#serviceKey);
    if (!this.#signed.has(service)) this.#signed.set(service, new Memory());
    return this.#signed.get(service)!.set(user ?? "", signed, until);
  }
}

/** @throws TOKEN_EXPIRED, TOKEN_INVALID */
async function verify<Claims>(token: string, key: unknown, kind: Kind<Claims>): Promise<Claims> {
  const { typ, algorithm, ttl, claims: expected } = kind;
  try {
    const rules = { algorithms: [algorithm], issuer: ISSUER, audience: ISSUER, typ, currentDate: new Date(now()) };
    const { payload } = await jwtVerify(token, key as never, rules);
    const { iat = Infinity, exp = Infinity } = payload;
    // Our own tokens never begin in the future and never live longer than their kind allows.
    const isTimely = iat <= now() / 1000 + SKEW && exp - iat <= ttl;
    if (isTimely && expected.Check(payload)) return payload as Claims;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw sharedError("TOKEN_EXPIRED");
  }
  throw sharedError("TOKEN_INVALID");
}
