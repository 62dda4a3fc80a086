/** Pictures of goods that nobody has photographed: a patchwork of cloth (jogakbo), the same for the same name. */

/** Pixels: small, for a shop to look at and no more. */
const SIDE = 200;
/** Pixels of the smallest patch. */
const SMALLEST = 30;
/** Of cloth that was dyed with plants: madder, gardenia, indigo, mugwort, hemp, gromwell, persimmon and ink. */
const COLOURS = ["#b5403a", "#e3b34c", "#2f6f8f", "#5f7d4b", "#f3ead9", "#7d4a6d", "#d98a5b", "#2b3a55"];

interface Patch {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Numbers from 0 to below 1 that follow from a text alone (mulberry32). */
function numbersOf(text: string): () => number {
  let state = 0;
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0)!, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Cuts cloth in two where it is longest, until the patches are small. */
function cut({ x, y, width, height }: Patch, next: () => number): Patch[] {
  const longest = Math.max(width, height);
  if (longest < 2 * SMALLEST || (longest < SIDE / 2 && next() < 0.3)) return [{ x, y, width, height }];
  const at = Math.round(SMALLEST + next() * (longest - 2 * SMALLEST));
  const [first, second] =
    width >= height
      ? [
          { x, y, width: at, height },
          { x: x + at, y, width: width - at, height },
        ]
      : [
          { x, y, width, height: at },
          { x, y: y + at, width, height: height - at },
        ];
  return [...cut(first, next), ...cut(second, next)];
}

/** As SVG. */
export function drawingOf(name: string): string {
  const next = numbersOf(name);
  const patches = cut({ x: 0, y: 0, width: SIDE, height: SIDE }, next).map(
    ({ x, y, width, height }) =>
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${COLOURS[Math.floor(next() * COLOURS.length)]!}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}" stroke="#f8f4ea" stroke-width="2">${patches.join("")}</svg>`;
}
