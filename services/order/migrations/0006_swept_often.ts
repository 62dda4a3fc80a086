/** Nothing any more: sagas and the outbox bring their tables themselves. Databases have the name on record. */
export const up = () => Promise.resolve();
