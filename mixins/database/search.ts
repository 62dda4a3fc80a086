/** Conditions of searches. */
import { type RawBuilder, sql } from "kysely";
import { containing } from "#core/folding.ts";

/** True where the column, which holds folded text, contains `q`. No character of `q` is a wildcard. */
export const contains = (column: string, q: string): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref(column)} like ${containing(q)} escape '\\'`;
