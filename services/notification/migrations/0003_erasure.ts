/** Nothing any more: erasures bring their table themselves. Databases have the name on record. */
export const up = () => Promise.resolve();
