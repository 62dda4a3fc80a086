/** The time of this machine to a fraction of a millisecond, which its processes share. */
export const now = (): number => performance.timeOrigin + performance.now();
