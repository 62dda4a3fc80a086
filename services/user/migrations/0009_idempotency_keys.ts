/** Nothing any more: idempotency keys bring their table themselves. Databases have the name on record. */
export const up = () => Promise.resolve();
