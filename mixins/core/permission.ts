/**
 * Permissions of staff. The permission of an action is its name, such as `product.update`; `product.*` stands for all actions
 * of the product service, and `*` for all there are.
 */
import type { Caller } from "./context.ts";

export const ALL = "*";

/** The permission of an action, from its full name: `product.update` of `v1.product.update`. */
export const permissionOf = (fullName: string): string => fullName.replace(/^v\d+\./, "");

const serviceOf = (permission: string): string => permission.slice(0, permission.indexOf("."));

/** True when the list holds the permission, or a wildcard for it. */
export const grants = (permissions: readonly string[], permission: string): boolean =>
  permissions.some((one) => one === ALL || one === permission || one === `${serviceOf(permission)}.${ALL}`);

/** True when the caller may do what this permission stands for; administrators may do everything. */
export const isPermitted = (
  { roles, permissions }: Pick<Caller, "roles" | "permissions">,
  permission: string,
): boolean => permissions === undefined || roles.includes("admin") || grants(permissions, permission);
