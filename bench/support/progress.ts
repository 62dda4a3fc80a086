/** A bar on the terminal, for work that takes seconds; nothing where nobody looks. */
const WIDTH = 30;

/** @param done from 0 to 1, at which the bar goes away */
export function showProgress(what: string, done: number): void {
  if (!process.stderr.isTTY) return;
  const full = Math.round(done * WIDTH);
  const bar = `${"█".repeat(full)}${"░".repeat(WIDTH - full)}`;
  process.stderr.write(done < 1 ? `\r${what} ${bar} ${Math.round(done * 100)} %` : "\r\x1b[K");
}
