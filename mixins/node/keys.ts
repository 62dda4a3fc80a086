/** The deployment's keys, from the environment, or generated once and kept in the data folder. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, randomBytes } from "node:crypto";
import { ConfigError, dataPath, defineConfig, generatedSecret, optional, secret, setting } from "#core/config.ts";

export interface TokenKey extends JsonWebKey {
  readonly kid: string;
}

/** @returns undefined when the text is no key, or the wrong one of its pair */
function parse(value: string, isPrivate: boolean): TokenKey | undefined {
  try {
    const { kty, crv, x, d, kid } = JSON.parse(value) as JsonWebKey & { kid?: unknown };
    // A private key in place of the public one would be published.
    if (kty !== "OKP" || crv !== "Ed25519" || (d !== undefined) !== isPrivate) return undefined;
    const key = { kty, crv, x: x!, ...(isPrivate && { d: d! }) };
    const own = publicOf(key, isPrivate);
    return own === x ? { ...key, kid: typeof kid === "string" && kid !== "" ? kid : x!.slice(0, 8) } : undefined;
  } catch {
    return undefined;
  }
}

/** The public part of a key. @throws Error when it is no key */
const publicOf = (key: JsonWebKey, isPrivate: boolean): unknown =>
  (isPrivate
    ? createPublicKey(createPrivateKey({ key, format: "jwk" }))
    : createPublicKey({ key, format: "jwk" })
  ).export({
    format: "jwk",
  }).x;

const tokenKey = (kind: "private" | "public") =>
  setting(`the ${kind} half of an Ed25519 key in JWK format`, (value) => parse(value, kind === "private"), {
    isSecret: true,
    hasLines: true,
  });

const config = defineConfig("keys", {
  TOKEN_PRIVATE_KEY: optional(
    tokenKey("private")("Ed25519 private key (JWK) that signs access tokens. Only the user service needs it."),
  ),
  TOKEN_PUBLIC_KEY: optional(tokenKey("public")("Ed25519 public key (JWK) that verifies access tokens.")),
  SERVICE_KEY: optional(secret(32)("Secret of at least 32 characters by which services recognise each other.")),
});

if (config.TOKEN_PRIVATE_KEY && config.TOKEN_PUBLIC_KEY && config.TOKEN_PRIVATE_KEY.x !== config.TOKEN_PUBLIC_KEY.x)
  throw new ConfigError("TOKEN_PUBLIC_KEY is not the other half of TOKEN_PRIVATE_KEY: set both to keys of one pair.");

/** @throws ConfigError for a node that would sign tokens which no other node accepts */
export function requireSigningKey(): void {
  if (config.TOKEN_PUBLIC_KEY && !config.TOKEN_PRIVATE_KEY)
    throw new ConfigError("TOKEN_PUBLIC_KEY is set and this node signs tokens, so TOKEN_PRIVATE_KEY must be set too.");
}

const generated = (): string => {
  const { privateKey } = generateKeyPairSync("ed25519");
  return JSON.stringify(privateKey.export({ format: "jwk" }));
};

/** The generated key. @throws ConfigError when its file is damaged */
function generatedKey(): TokenKey {
  const key = parse(generatedSecret("token.jwk", generated), true);
  if (!key)
    throw new ConfigError(
      `The key ${dataPath("keys", "token.jwk")} is damaged: restore it, or remove it, which ends every sign-in.`,
    );
  return key;
}

export const tokenPrivateKey = (): TokenKey => config.TOKEN_PRIVATE_KEY ?? generatedKey();

/** Verifies access tokens (RFC 8037). */
export function tokenPublicKey(): TokenKey {
  const { kty, crv, x, kid } = (config.TOKEN_PUBLIC_KEY ?? tokenPrivateKey()) as TokenKey &
    Record<"kty" | "crv" | "x", string>;
  return { kty, crv, x, kid, use: "sig", alg: "EdDSA" };
}

export const serviceKey = (): Buffer =>
  Buffer.from(config.SERVICE_KEY ?? generatedSecret("service.key", () => randomBytes(32).toString("base64url")));
