/** Tokens that our own keys signed and nobody should take: every claim missing, of another kind, and said wrongly. */
import { importJWK, SignJWT } from "jose";
import { newId } from "#core/clock.ts";
import { serviceKey, tokenPrivateKey } from "#core/keys.ts";

type Claims = Readonly<Record<string, unknown>>;

const inSeconds = () => Math.floor(Date.now() / 1000);

/** What a good token of a person's says. */
export const personClaims = (): Claims => ({
  iss: "madang",
  aud: "madang",
  sub: newId(),
  sid: newId(),
  roles: ["customer", "staff", "admin"],
  iat: inSeconds(),
  exp: inSeconds() + 600,
});

/** What a good token of a service's says. */
export const serviceClaims = (): Claims => ({
  iss: "madang",
  aud: "madang",
  sub: newId(),
  service: "order",
  iat: inSeconds(),
  exp: inSeconds() + 200,
});

export const signPerson = async (claims: Claims, typ = "at+jwt"): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "EdDSA", typ })
    .sign(await importJWK(tokenPrivateKey(), "EdDSA"));

export const signService = (claims: Claims, typ = "service+jwt"): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256", typ }).sign(serviceKey());

/** Values that fit no claim. */
const misfits: readonly unknown[] = [null, true, "", {}, [], [["madang"]], -1, 1.5, 1e300];

const wrong: Readonly<Record<string, readonly unknown[]>> = {
  iss: ["Madang", "https://elsewhere.example"],
  aud: ["Madang", "elsewhere", ["elsewhere"], ["madang", "elsewhere"]],
  sub: ["1", "00000000-0000-0000-0000-00000000000g"],
  sid: ["1"],
  roles: ["admin", ["root"], ["admin", "root"], ["Admin"], [null], ["admin", "admin", "admin", "admin"]],
  service: ["x".repeat(101)],
  iat: [inSeconds() + 3600, String(inSeconds())],
  exp: [String(inSeconds() + 600), inSeconds() + 100_000_000],
};

/** Each malformed set of claims by what is wrong with it. */
export function malformed(good: () => Claims, mayLack: readonly string[] = []): [string, () => Claims][] {
  return Object.keys(good()).flatMap((name) => [
    ...(mayLack.includes(name) ? [] : [[`no ${name}`, () => ({ ...good(), [name]: undefined })] as never]),
    ...[...misfits, ...wrong[name]!].map((value): [string, () => Claims] => [
      `${name} ${JSON.stringify(value).slice(0, 60)}`,
      () => ({ ...good(), [name]: value }),
    ]),
  ]);
}
