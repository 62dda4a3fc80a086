/** Which of several languages a text is shown in. */
import type { Language } from "#core/text.ts";
import { config } from "./product.config.ts";

export type Field = "name" | "description" | "alt";

/** A text in a language that is not the shop's own. */
export interface Translation {
  readonly entity_id: string;
  readonly field: Field;
  readonly language: Language;
  readonly text: string;
}

/** The texts of several things as a reader sees them. */
export interface Texts {
  /** What something is called or said to be; undefined where the shop's own text has to do. */
  of(id: string, field: Field): string | undefined;
  /** The language in which this one is called. */
  languageOf(id: string): Language;
}

/** For whoever reads the language in which the shop writes. */
export const ownTexts: Texts = { of: () => undefined, languageOf: () => config.PRODUCT_LANGUAGE };

/** The language to translate into for this reader; null where the shop's own texts are to be shown. */
export const otherLanguage = (language: Language | undefined): Language | null =>
  language === undefined || language === config.PRODUCT_LANGUAGE ? null : language;

export function textsOf(language: Language, translations: readonly Omit<Translation, "language">[]): Texts {
  const texts = new Map(translations.map(({ entity_id, field, text }) => [`${field} ${entity_id}`, text]));
  const of = (id: string, field: Field) => texts.get(`${field} ${id}`);
  return { of, languageOf: (id) => (of(id, "name") === undefined ? config.PRODUCT_LANGUAGE : language) };
}
