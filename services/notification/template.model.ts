/**
 * The rules of templates that staff write: words with placeholders. Facts in rows, the link and the layout stay those of the
 * repository, so no version can leave out an amount, or break the HTML.
 */
import type { Money } from "#core/schema.ts";
import { formatMoney } from "#core/money.ts";
import type { Language } from "#core/text.ts";
import type { Content, Copy, Words } from "./notification.model.ts";
import { orderNumber } from "./templates/details.template.ts";

/** Without them a message would not say what it is about. `explanation` is what the repository's words say of this case. */
const required: Readonly<Record<string, readonly string[]>> = {
  "payment-received": ["amount"],
  "payment-refunded": ["amount"],
  "order-confirmed": ["orderNumber"],
  "order-cancelled": ["orderNumber", "explanation"],
  "order-shipped": ["orderNumber"],
  "order-delivered": ["orderNumber"],
  "invoice-paid": ["number"],
  "invoice-refunded": ["amount"],
  "payment-failed": ["amount", "nextAttemptAt"],
  "trial-ends": ["endsAt", "price"],
  "subscription-ended": ["explanation"],
  "payment-disputed": ["amount", "explanation"],
  "points-expiring": ["expiresAt"],
  "points-changed": ["explanation"],
  "back-in-stock": ["productName"],
  "second-factor-changed": ["explanation"],
  "api-key-changed": ["explanation"],
};

export const requiredIn = (name: string): readonly string[] => required[name] ?? [];

type Values = Readonly<Record<string, string>>;
type Time = (moment: string) => string;

const isMoney = (value: unknown): value is Money =>
  typeof value === "object" && value !== null && "amount" in value && "currency" in value;

function valueOf(name: string, value: unknown, language: Language, time: Time): string | null {
  if (isMoney(value)) return formatMoney(value, language);
  if (name === "productName") return (value as Record<Language, string>)[language];
  if (typeof value !== "string") return null;
  if (name.endsWith("At")) return time(value);
  return name === "number" ? value : null;
}

/** What stands for each placeholder: amounts, times and numbers of the event, and the repository's own words about it. */
export function valuesOf(data: object, file: Copy, language: Language, time: Time): Values {
  const facts = Object.entries(data).flatMap(([name, value]) => {
    const text = valueOf(name, value, language, time);
    return text === null ? [] : [[name, text] as const];
  });
  const explanation = file.paragraphs.join(" ");
  if (!("orderId" in data)) return { ...Object.fromEntries(facts), explanation };
  const { number: _, ...others } = Object.fromEntries(facts);
  return { ...others, orderNumber: orderNumber(data as { orderId: string; number?: string }), explanation };
}

const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;

export const placeholdersIn = (text: string): string[] => [...text.matchAll(PLACEHOLDER)].map(([, name]) => name!);

/** The version's words about one event; everything else is as the repository has it. */
export function filled(file: Copy, words: Words, values: Values): Copy {
  // What a value itself holds is never read as a placeholder.
  const fill = (text: string) => text.replaceAll(PLACEHOLDER, (_, name: string) => values[name] ?? "");
  return {
    ...file,
    subject: fill(words.subject),
    summary: fill(words.summary),
    paragraphs: words.paragraphs.map(fill),
  };
}

export interface Fault {
  readonly pointer: string;
  readonly detail: Readonly<Record<Language, string>>;
}

const known = (names: readonly string[]) => names.map((name) => `{{${name}}}`).join(", ");

function faultOf(text: string, pointer: string, names: readonly string[]): Fault[] {
  const unknown = placeholdersIn(text).filter((name) => !names.includes(name));
  const isBroken = /\{\{|\}\}/.test(text.replaceAll(PLACEHOLDER, ""));
  if (unknown.length === 0 && !isBroken) return [];
  const en = `may hold these placeholders and no others: ${known(names)}`;
  return [{ pointer, detail: { en, ko: `사용할 수 있는 자리 표시자는 다음과 같습니다: ${known(names)}` } }];
}

/** What keeps a version from being saved. @param names the placeholders that the template has */
export function faultsIn(name: string, content: Content, names: readonly string[]): Fault[] {
  return (["en", "ko"] as const).flatMap((language) => {
    const { subject, summary, paragraphs } = content[language];
    const at = `/content/${language}`;
    const faults = [
      ...faultOf(subject, `${at}/subject`, names),
      ...faultOf(summary, `${at}/summary`, names),
      ...paragraphs.flatMap((text, index) => faultOf(text, `${at}/paragraphs/${index}`, names)),
    ];
    const used = new Set([subject, summary, ...paragraphs].flatMap(placeholdersIn));
    const missing = requiredIn(name).filter((one) => !used.has(one));
    if (missing.length === 0) return faults;
    const [en, ko] = [`must hold ${known(missing)}`, `다음 자리 표시자가 필요합니다: ${known(missing)}`];
    return [...faults, { pointer: at, detail: { en, ko } }];
  });
}
