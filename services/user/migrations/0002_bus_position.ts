/** Nothing any more: the outbox brings its tables itself. Databases have the name on record. */
export const up = () => Promise.resolve();
