/** API keys, with which machines do what staff may do, as part of the user service's contract. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Id, Nothing, Page, paging, Password, Permissions, Strict, Text, Timestamp } from "#core/schema.ts";

const ApiKey = Type.Object(
  {
    id: Id,
    name: Type.String(),
    prefix: Type.String({ description: "How the key begins; this part is no secret" }),
    permissions: Permissions,
    createdAt: Timestamp,
    expiresAt: Timestamp,
    usedAt: Type.Union([Timestamp, Type.Null()], { description: "To within five minutes" }),
  },
  { title: "ApiKey" },
);
export type ApiKey = Static<typeof ApiKey>;

const CreatedApiKey = Type.Object(
  {
    ...ApiKey.properties,
    apiKey: Type.String({
      description: "Sent as `Authorization: Bearer`. It is shown this once",
      examples: ["mdk_01a1fce1e04c7423b25156879fb500d6…"],
    }),
  },
  { title: "CreatedApiKey" },
);

const actions = {
  createApiKey: action({
    summary: "Make an API key for a machine, which acts as staff with exactly these permissions. The key is shown once",
    rest: "POST /api-keys",
    keyless: "The answer holds a secret, of which only the hash is stored.",
    status: 201,
    auth: "admin",
    input: Strict({ name: Text(100), permissions: Permissions, expiresAt: Timestamp }),
    output: CreatedApiKey,
    errors: ["API_KEYS_FULL", "VALIDATION_FAILED"],
  }),
  listApiKeys: action({
    summary: "API keys, newest first, without their secrets",
    rest: "GET /api-keys",
    auth: "admin",
    input: Strict(paging),
    output: Page(ApiKey),
  }),
  removeApiKey: action({
    summary: "Revoke an API key: from now on, no node accepts it",
    rest: "DELETE /api-keys/:id",
    status: 204,
    auth: "admin",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
  authorizeApiKey: action({
    summary: "A short access token for an API key, which gateways ask for",
    auth: "service",
    idempotent: true,
    timeout: 1000,
    input: Strict({ apiKey: Password(100) }),
    output: Type.Object({ accessToken: Type.String(), expiresIn: Type.Integer({ description: "Seconds" }) }),
    errors: ["API_KEY_INVALID"],
  }),
};

export const apiKeys = { name: "apiKeys", actions: () => actions } satisfies Block;
