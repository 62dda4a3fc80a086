/** The part of an address that names a product to people: words of its name, in any script. */
import { folded } from "#core/folding.ts";

/** Words with hyphens between them. Of ASCII, they hold letters and digits; of other scripts, whatever can be seen. */
const WORD = "[^ -/:-@\\[-`{-~]+";
export const SLUG_PATTERN = `^${WORD}(?:-${WORD})*$`;
export const LONGEST_SLUG = 80;

/** What a product of this name is called in addresses, unless another has it; null when the name has no letters. */
export function slugOf(name: string): string | null {
  const words = folded(name).match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  let slug = "";
  for (const word of words) {
    const longer = slug === "" ? word.slice(0, LONGEST_SLUG).toWellFormed() : `${slug}-${word}`;
    if (longer.length > LONGEST_SLUG) break;
    slug = longer;
  }
  return slug === "" ? null : slug.replaceAll("\ufffd", "");
}

/** For a product whose slug another has. */
export const slugWithId = (slug: string | null, id: string): string =>
  [...(slug === null ? [] : [slug]), id.replaceAll("-", "").slice(-12)].join("-");
