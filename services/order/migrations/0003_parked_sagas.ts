/** Nothing any more: sagas bring their tables themselves. Databases have the name on record. */
export const up = () => Promise.resolve();
