/** Nothing any more: the inbox and erasures bring their tables themselves. Databases have the name on record. */
export const up = () => Promise.resolve();
