/** One line of a benchmark's answer. */
export interface Row {
  readonly what: string;
  /** With its unit, as a person reads it. */
  readonly value: string;
  /** This figure over its baseline of the same run, or a limit it is held against. */
  readonly ratio?: number;
  /** What the ratio or value should be, e.g. `≥ 0.9`. */
  readonly target?: string;
}

export interface Benchmark {
  readonly title: string;
  run(): Promise<readonly Row[]>;
}

const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - text.length));

/** Plain text columns, so that a run can be pasted anywhere. */
export function format({ title }: Benchmark, rows: readonly Row[]): string {
  const cells = rows.map(({ what, value, ratio, target }) => [
    what,
    value,
    ratio === undefined ? "" : `${ratio.toFixed(2)} ×`,
    target ?? "",
  ]);
  const table = [["", "measured", "ratio", "target"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) => `  ${row.map((cell, column) => pad(cell, widths[column]!)).join("   ")}`.trimEnd());
  return `\n${title}\n${lines.join("\n")}\n`;
}
