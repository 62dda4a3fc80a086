/** The way from the top of the tree to a category. */
import type { Static } from "typebox";
import type { Category as Schema } from "./category.contract.ts";

export type Category = Static<typeof Schema>;

interface Known {
  readonly id: string;
  readonly name: string;
  readonly parent_id: string | null;
}

/** The categories from the top to this one. @param known with all that are above it */
export function pathOf(id: string | null, known: ReadonlyMap<string, Known>): Category["path"] {
  const path: Category["path"] = [];
  // A category that was moved meanwhile may be read at both places.
  for (let at = known.get(id ?? ""); at && path.every((one) => one.id !== at!.id); at = known.get(at.parent_id ?? ""))
    path.unshift({ id: at.id, name: at.name });
  return path;
}
