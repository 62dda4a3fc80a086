/** Who issues documents. */
import { defineConfig, optional, setting } from "#core/config.ts";

const MOST_LINES = 6;
const LONGEST = 100;

function linesOf(value: string): readonly string[] | undefined {
  const lines = value.split("|").map((line) => line.trim());
  const isSound = lines.length <= MOST_LINES && lines.every((line) => line !== "" && line.length <= LONGEST);
  return isSound ? lines : undefined;
}

const lines = setting(`one to ${MOST_LINES} lines of at most ${LONGEST} characters with | between them`, linesOf, {
  longest: MOST_LINES * (LONGEST + 1),
});

export const config = defineConfig("document", {
  INVOICE_SELLER: optional(
    lines(
      "Who sells, as invoices and credit notes say it, e.g. Madang Ltd.|Sejong-daero 110, 04524 Seoul|Tax id 123-45-67890. Those that were issued keep theirs.",
    ),
  ),
});

/** For the row of a document that is issued now: the lines as JSON. */
export const seller = (): string | null =>
  config.INVOICE_SELLER === null ? null : JSON.stringify(config.INVOICE_SELLER);
