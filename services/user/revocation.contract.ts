/** Revocations of access tokens, as part of the user service's contract. Every node asks for them. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Id, Page, paging, Role, Strict } from "#core/schema.ts";

const Milliseconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The id of a session or of a person. `roles` are the remaining roles, or null when the account was deleted. */
const Revocation = Type.Object({
  id: Id,
  roles: Type.Union([Type.Array(Role), Type.Null()]),
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
