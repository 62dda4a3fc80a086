/** Card numbers, which must get no further than the door: what takes a payment method refuses them before it stores anything. */

/** Twelve digits or more, however they are spaced: ISO/IEC 7812 numbers have 12 to 19. */
const NUMBER = /(?:\d[\s._-]?){12}/;
/** An id of ours may consist of digits, too. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for a text that may hold a card number. */
export const mayBeCard = (text: string): boolean => NUMBER.test(text) && !ID.test(text);
