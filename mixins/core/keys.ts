/** The deployment's keys: from the environment, or made once and kept in the data folder. */
import { createPublicKey, generateKeyPairSync, type JsonWebKey, randomBytes } from "node:crypto";
import { ConfigError, defineConfig, generatedSecret, optional, text } from "./config.ts";

const config = defineConfig("keys", {
  TOKEN_PRIVATE_KEY: optional(
    text("Ed25519 private key (JWK) that signs access tokens; only the user service needs it."),
  ),
  TOKEN_PUBLIC_KEY: optional(text("Ed25519 public key (JWK) that verifies access tokens.")),
  SERVICE_KEY: optional(text("Secret of at least 32 characters by which services recognise each other.")),
});

export interface TokenKey extends JsonWebKey {
  readonly kid: string;
}

function parse(name: string, value: string): TokenKey {
  try {
    const key = JSON.parse(value) as JsonWebKey;
    if (key.kty !== "OKP" || key.crv !== "Ed25519") throw new Error("another kind");
    return { ...key, kid: (key["kid"] as string | undefined) ?? key.x!.slice(0, 8) };
  } catch {
    throw new ConfigError(`${name} must be an Ed25519 key in JWK format.`);
  }
}

const generated = (): string => {
  const { privateKey } = generateKeyPairSync("ed25519");
  return JSON.stringify(privateKey.export({ format: "jwk" }));
};

/** Signs access tokens. */
export const tokenPrivateKey = (): TokenKey =>
  parse("TOKEN_PRIVATE_KEY", config.TOKEN_PRIVATE_KEY ?? generatedSecret("token.jwk", generated));

/** Verifies access tokens (RFC 8037). */
export function tokenPublicKey(): TokenKey {
  if (config.TOKEN_PUBLIC_KEY) return parse("TOKEN_PUBLIC_KEY", config.TOKEN_PUBLIC_KEY);
  const { kid, ...key } = tokenPrivateKey();
  return { ...createPublicKey({ key, format: "jwk" }).export({ format: "jwk" }), kid, use: "sig", alg: "EdDSA" };
}

/** @throws ConfigError when SERVICE_KEY is too short to be a secret */
export function serviceKey(): Buffer {
  const key = config.SERVICE_KEY ?? generatedSecret("service.key", () => randomBytes(32).toString("base64url"));
  if (key.length < 32) throw new ConfigError("SERVICE_KEY must have at least 32 characters.");
  return Buffer.from(key);
}
