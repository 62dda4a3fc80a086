/**
 * What the audit log keeps of a row: numbers, ids, times, states and codes as they are; other text only where the service says
 * that it is neither secret nor personal; secrets never.
 */

export type Values = Readonly<Record<string, unknown>>;

/** Columns, and fields within them, that may hold a secret, or what stands for one. */
const SECRET =
  /password|secret|token|digest|hash|seal|cipher|salt|pin\b|_pin|pin_|api_?key|private|signature|challenge|otp|p256dh|^auth$|^keys$|recovery/i;
/** Those that hold what is personal, also when it looks like a code. */
const PERSONAL =
  /name|e?mail|phone|address|line\d|city|postal|recipient|note|text|message|comment|reason|title|description|device|network|agent|endpoint|url|birth|contact|detail|body|input|data|error/i;

/** UUIDs, times and dates, numbers, hashes of files, countries and currencies, and words of programs. */
const PLAIN = [
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?$/,
  /^-?\d{1,15}(?:\.\d{1,9})?$/,
  /^[A-Z]{2,3}$/,
  /^[a-z][a-z0-9_]{0,39}$/,
  /^(?:\*|[a-z][a-z-]*\.(?:\*|[A-Za-z]+))$/,
];
const LONGEST = 2000;

const isPlain = (text: string): boolean => PLAIN.some((shape) => shape.test(text));

function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @param isShown the service says that this column is neither secret nor personal */
function masked(name: string, value: unknown, isShown: boolean): unknown {
  if (value === null || value === undefined) return null;
  if (SECRET.test(name)) return "(secret)";
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  if (Array.isArray(value)) return value.map((one) => masked(name, one, isShown));
  if (typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, masked(key, one, isShown)]));
  if (typeof value !== "string") return PERSONAL.test(name) && !isShown ? "(masked)" : value;
  const inner = parsed(value);
  if (inner !== undefined) return masked(name, inner, isShown);
  if (isShown) return value.slice(0, LONGEST);
  return isPlain(value) && !PERSONAL.test(name) ? value : `(${value.length} characters)`;
}

/** @param shown `<table>.<column>` of text that is kept as it is */
export const maskedRow = (table: string, row: Values, shown: ReadonlySet<string>): Values =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, masked(column, value, shown.has(`${table}.${column}`))]),
  );
