/** The chart of the guide: what one order takes, how many there are in a second, and what became of them while the callee was away. */
import type { Outcome } from "./outcome.ts";
import { labelOf, type Result } from "./result.ts";

const WIDTH = 760;
const LABEL = 170;
const NUMBER = 70;
const BAR = WIDTH - LABEL - NUMBER;
const LINE = 24;
const HEAD = 40;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x: number, y: number, what: string, kind = ""): string =>
  `<text x="${x}" y="${y}"${kind && ` class="${kind}"`}>${escaped(what)}</text>`;
const bar = (x: number, y: number, width: number, kind: string): string =>
  `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(width, 0).toFixed(1)}" height="14" class="${kind}"/>`;

/** Bars on a logarithmic scale, since the slowest takes hundreds of times as long as the fastest. */
function logarithmic(
  y: number,
  title: string,
  values: readonly (readonly [name: string, value: number, told: string])[],
) {
  const all = values.map(([, value]) => value).filter((value) => value > 0);
  const [least, most] = [Math.log10(Math.min(...all)) - 0.3, Math.log10(Math.max(...all))];
  const lines = values.map(([name, value, told], index) => {
    const top = y + HEAD + index * LINE;
    const width = ((Math.log10(value) - least) / (most - least || 1)) * BAR;
    return (
      text(0, top + 12, labelOf(name)) +
      bar(LABEL, top, width, "bar") +
      text(LABEL + width + 6, top + 12, told, "number")
    );
  });
  return { svg: text(0, y + 22, title, "title") + lines.join("\n"), end: y + HEAD + values.length * LINE };
}

const parts = ["inTime", "late", "failed", "lost"] as const satisfies readonly (keyof Outcome)[];
const legend = { inTime: "in time", late: "late", failed: "failed", lost: "lost" };

function stacked(y: number, title: string, values: readonly (readonly [name: string, outcome: Outcome])[]) {
  const keys = parts.map(
    (part, index) => bar(LABEL + index * 110, y + 36, 14, part) + text(LABEL + 20 + index * 110, y + 48, legend[part]),
  );
  const lines = values.map(([name, outcome], index) => {
    const top = y + HEAD + LINE + index * LINE;
    const all = parts.reduce((sum, part) => sum + outcome[part], 0) || 1;
    let x = LABEL;
    const bars = parts.map((part) => {
      const width = (outcome[part] / all) * BAR;
      const made = bar(x, top, width, part);
      x += width;
      return made;
    });
    return text(0, top + 12, labelOf(name)) + bars.join("");
  });
  return {
    svg: text(0, y + 22, title, "title") + keys.join("") + lines.join("\n"),
    end: y + HEAD + LINE + values.length * LINE,
  };
}

const style = `
  text { font: 13px system-ui, sans-serif; fill: #16191d; }
  .title { font-weight: 600; font-size: 15px; }
  .number { fill: #4d5662; }
  .page { fill: #ffffff; }
  .bar, .inTime { fill: #2f6fb0; }
  .late { fill: #d9a520; }
  .failed { fill: #8a94a3; }
  .lost { fill: #c0392b; }
  @media (prefers-color-scheme: dark) {
    text { fill: #eceff4; }
    .number { fill: #aab3c0; }
    .page { fill: #101317; }
    .bar, .inTime { fill: #6ea8e0; }
  }`;

export function chart(results: readonly Result[]): string {
  const told = (value: number) => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en"));
  const times = logarithmic(
    0,
    "One at a time: milliseconds (median), shorter is better; logarithmic scale",
    results.map(({ name, speed }) => [name, speed.one.p50, `${told(speed.one.p50)} ms`]),
  );
  const rates = logarithmic(
    times.end + 12,
    "64 at once: orders a second, longer is better; logarithmic scale",
    results.map(({ name, speed }) => [name, speed.many.perSecond, told(speed.many.perSecond)]),
  );
  const ends = stacked(
    rates.end + 12,
    "What became of orders when the callee was killed, and back after five seconds",
    results.flatMap(({ name, killed }) => (killed ? [[name, killed] as const] : [])),
  );
  const height = ends.end + 12;
  const parts = [times, rates, ends].map(({ svg }) => svg).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -4 ${WIDTH + 24} ${height}" role="img" aria-label="Patterns compared">
<style>${style}
</style>
<rect x="-12" y="-4" width="${WIDTH + 24}" height="${height}" class="page"/>
${parts}
</svg>
`;
}
