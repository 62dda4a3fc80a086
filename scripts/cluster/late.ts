/** What is only late must not end what runs already. */

interface Patience {
  /** Told of each failure and whether it is the last. */
  readonly tell: (why: string, isLast: boolean) => void;
  readonly attempts?: number;
  /** Milliseconds between two attempts. */
  readonly pause?: number;
}

/** Tries again what failed, and in the end goes on without it. @returns whether it was done */
export async function insist(
  work: () => Promise<void>,
  { tell, attempts = 10, pause = 3000 }: Patience,
): Promise<boolean> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    try {
      await work();
      return true;
    } catch (error) {
      const isLast = attempt === attempts;
      tell((error as Error).message.trim(), isLast);
      if (!isLast) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return false;
}
