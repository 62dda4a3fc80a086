/** Categories by their paths, as files have them: `Kitchen > Tea`. */
import { type Db, sql } from "./product.tables.ts";

const listCategories = sql((q) => q.selectFrom("categories").select(["id", "name", "parent_id"]).orderBy("id", "desc"));

/** What was read once. Of two categories with the same path, the older one has it. */
export interface Paths {
  readonly idOf: ReadonlyMap<string, string>;
  readonly pathOf: ReadonlyMap<string, string>;
}

export async function paths(db: Db): Promise<Paths> {
  const known = new Map((await db.all(listCategories, {})).map((one) => [one.id, one]));
  const pathOf = new Map<string, string>();
  for (const id of known.keys()) {
    const names: string[] = [];
    const seen = new Set<string>();
    for (let at = known.get(id); at && !seen.has(at.id); at = known.get(at.parent_id ?? "")) {
      seen.add(at.id);
      names.unshift(at.name);
    }
    pathOf.set(id, names.join(" > "));
  }
  return { pathOf, idOf: new Map(Array.from(pathOf, ([id, path]) => [path, id])) };
}
