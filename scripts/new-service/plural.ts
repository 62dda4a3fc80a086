/** The plural of a service's name, which its routes and its table are called by. */
import pluralize from "pluralize";

// What the library forms otherwise than people who name services do.
for (const word of ["feedback", "furniture", "luggage", "merchandise", "money", "offspring", "weather"])
  pluralize.addUncountableRule(word);
for (const word of ["agenda", "canvas", "epoch", "german", "schema", "stomach", "virus"])
  pluralize.addIrregularRule(word, word.endsWith("s") ? `${word}es` : `${word}s`);

/** Of a compound it is the last word that changes; a word that is in the plural stays as it is. */
export const plural = (words: string): string => pluralize(words);
