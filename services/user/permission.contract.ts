/** What members of staff may do, as part of the user service's contract. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Id, Permissions, Strict } from "#core/schema.ts";
import { IfMatch, Version } from "./address.contract.ts";

const StaffPermissions = Type.Object(
  { id: Id, permissions: Permissions, version: Version },
  { title: "StaffPermissions" },
);

const actions = {
  getPermissions: action({
    summary: "What a user may do as staff",
    rest: "GET /users/:id/permissions",
    auth: "admin",
    concurrency: "read",
    input: ById,
    output: StaffPermissions,
    errors: ["NOT_FOUND"],
  }),
  setPermissions: action({
    summary: "Set what a user may do as staff, from now on and on every node. Administrators may do everything",
    rest: "PUT /users/:id/permissions",
    auth: "admin",
    concurrency: "write",
    input: Strict({ ...IfMatch, id: Id, permissions: Permissions }),
    output: StaffPermissions,
    errors: ["NOT_FOUND", "STALE_VERSION", "VALIDATION_FAILED"],
  }),
};

export const staffPermissions = { name: "staffPermissions", actions: () => actions } satisfies Block;
