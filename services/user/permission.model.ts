/** The rules of permissions: which there are, and what somebody without a list of their own may do. */
import { ALL } from "#core/permission.ts";
import known from "./permissions.generated.json" with { type: "json" };
import { user } from "./user.contract.ts";
import type { UserRow } from "./user.model.ts";

const wildcards = known.map((name) => `${name.slice(0, name.indexOf("."))}.${ALL}`);
const names: ReadonlySet<string> = new Set([ALL, ...wildcards, ...known]);

/** Staff who were never given a list may do all that the contracts open to staff. */
export const permissionsOf = ({ permissions }: Pick<UserRow, "permissions">): string[] =>
  permissions === null ? [ALL] : (JSON.parse(permissions) as string[]);

/** @throws VALIDATION_FAILED with a sentence for each name that no action of staff has */
export function checkPermissions(permissions: readonly string[]): void {
  const errors = permissions.flatMap((name, index) =>
    names.has(name)
      ? []
      : {
          pointer: `/permissions/${index}`,
          detail: { en: `no action of staff is named ${name}`, ko: `직원이 사용할 수 있는 작업이 아닙니다: ${name}` },
        },
  );
  if (errors.length > 0) throw user.error("VALIDATION_FAILED", { errors });
}
