/** Revocations of access tokens, as part of the user service's contract. Every node asks for them. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Id, Page, paging, Permissions, Role, Strict } from "#core/schema.ts";

const Milliseconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/**
 * The id of a session, of a person or of an API key. `roles` are the remaining roles, or null when the account was deleted;
 * `permissions` are what the person may do as staff. Nodes of the release before leave them out.
 */
const Revocation = Type.Object({
  id: Id,
  roles: Type.Union([Type.Array(Role), Type.Null()]),
  permissions: Type.Optional(Permissions),
  revokedAt: Milliseconds,
  until: Milliseconds,
});
export type Revocation = Static<typeof Revocation>;

export const revocationActions = {
  listRevocations: action({
    summary: "Sessions and rights that ended before their access tokens, oldest first",
    auth: "service",
    idempotent: true,
    timeout: 1000,
    input: Strict({ since: Milliseconds, cursor: paging.cursor }),
    output: Page(Revocation),
  }),
};
