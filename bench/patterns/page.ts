/** The measured tables of the guide, in both languages. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chart } from "./chart.ts";
import type { Outcome } from "./outcome.ts";
import { at, labelOf, type Language, type Result } from "./result.ts";

const heads = {
  speed: [
    [
      "pattern",
      "p50, 1 KB",
      "per second, 64 at once",
      "p50, 64 KB",
      "per second, 64 KB",
      "10,000 items",
      "µs of processor: caller + callee + broker",
    ],
    [
      "방식",
      "p50(1KB)",
      "초당 처리(동시 64)",
      "p50(64KB)",
      "초당 처리(64KB)",
      "항목 10,000개",
      "프로세서 시간(µs): 호출 측 + 응답 측 + 브로커",
    ],
  ],
  outcome: [
    ["pattern", "in time", "late", "failed", "lost", "came twice", "in order"],
    ["방식", "제때", "지연", "실패", "유실", "중복 도착", "순서 유지"],
  ],
  frozen: ["The callee is frozen for five seconds", "응답 측이 5초 동안 멈췄을 때"],
  killed: [
    "The callee is killed, and comes back after five seconds",
    "응답 측이 강제 종료되고 5초 뒤 다시 시작했을 때",
  ],
  held: ["held all the same", "실제로는 처리됨"],
  yes: ["yes", "예"],
  times: ["times not", "회 어긋남"],
} as const;

const count = (value: number): string => Math.round(value).toLocaleString("en");
const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(1) : count(value)} ms`;
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${head.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`, ...rows.map(row)].join("\n");

function speedTable(results: readonly Result[], language: Language): string {
  const rows = results.map(({ name, speed, cpu, stream }) => [
    labelOf(name, language),
    milliseconds(speed.one.p50),
    count(speed.many.perSecond),
    milliseconds(speed.oneLarge.p50),
    count(speed.manyLarge.perSecond),
    stream === null ? "–" : `${(stream / 1000).toFixed(1)} s`,
    cpu.map(count).join(" + "),
  ]);
  return table(heads.speed[at(language)], rows);
}

function outcomeRow(name: string, outcome: Outcome, language: Language): string[] {
  const { inTime, late, failed, failedButHeld, lost, twice, outOfOrder } = outcome;
  return [
    labelOf(name, language),
    count(inTime),
    count(late),
    failedButHeld > 0 ? `${count(failed)} (${count(failedButHeld)} ${heads.held[at(language)]})` : count(failed),
    count(lost),
    count(twice),
    outOfOrder === 0 ? heads.yes[at(language)] : `${count(outOfOrder)} ${heads.times[at(language)]}`,
  ];
}

function outcomeTable(results: readonly Result[], fault: "frozen" | "killed", language: Language): string {
  const rows = results.flatMap((one) => (one[fault] ? [outcomeRow(one.name, one[fault], language)] : []));
  return `**${heads[fault][at(language)]}**\n\n${table(heads.outcome[at(language)], rows)}`;
}

export const tables = (results: readonly Result[], language: Language): string =>
  [
    speedTable(results, language),
    outcomeTable(results, "frozen", language),
    outcomeTable(results, "killed", language),
  ].join("\n\n");

const folder = join(import.meta.dirname, "../../docs/guide");
const [BEGIN, END] = ["<!-- measured: npm run bench:patterns -- --write -->", "<!-- end of what was measured -->"];

/** Puts the tables and the chart of a run into the guide. */
export function publish(results: readonly Result[], machine: string): void {
  writeFileSync(join(folder, "patterns.svg"), chart(results));
  for (const [file, language] of [
    ["patterns.md", "en"],
    ["patterns.ko.md", "ko"],
  ] as const) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (before < 0 || after < before) throw new Error(`${file} has no place for what was measured.`);
    const measured = `${BEGIN}\n\n${tables(results, language)}\n\n${machine}.\n\n`;
    writeFileSync(path, text.slice(0, before) + measured + text.slice(after));
  }
}
