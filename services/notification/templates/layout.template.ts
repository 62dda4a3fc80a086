/** Lays a message out as HTML and as plain text. All values pass through here, so they are escaped here. */
import type { Language } from "#core/text.ts";
import type { Row } from "../notification.model.ts";

const words = {
  en: {
    greeting: (name: string | null) => (name === null ? "Hello," : `Hello ${name},`),
    footer: "This message was sent automatically. You can change what you receive in your notification settings.",
    security:
      "This message was sent automatically. It is important for your account, so it is sent whatever you have chosen.",
    staff: "This message was sent automatically to the staff of the shop.",
    toOrder: "See your order",
    toPreferences: "Notification settings",
    stop: "Stop e-mails of this kind",
  },
  ko: {
    greeting: (name: string | null) => (name === null ? "안녕하세요." : `${name} 님, 안녕하세요.`),
    footer: "본 메일은 발신 전용입니다. 알림 설정에서 수신 방법을 변경하실 수 있습니다.",
    security: "본 메일은 발신 전용이며, 계정에 꼭 필요한 안내이므로 수신 설정과 관계없이 발송됩니다.",
    staff: "본 메일은 매장 담당자에게 자동으로 발송되었습니다.",
    toOrder: "주문 상세 보기",
    toPreferences: "알림 설정",
    stop: "이런 메일 그만 받기",
  },
} as const satisfies Record<Language, object>;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (value: string): string => value.replaceAll(/[&<>"']/g, (character) => entities[character]!);

/** Makes one line of a value, so that it cannot add lines that look like ours. */
const line = (value: string): string => value.replaceAll(/\s+/g, " ");

export interface Page {
  readonly subject: string;
  /** The name of the recipient, if it may be shown. */
  readonly name: string | null;
  readonly paragraphs: readonly string[];
  readonly items: readonly Row[];
  readonly rows: readonly Row[];
  /** Where its reader goes on: the page of the order, unless it says of what. */
  readonly link: { readonly href: string; readonly label?: string } | null;
  /** The page of the notification settings. */
  readonly preferences: string | null;
  /** The page that stops its kind. */
  readonly unsubscribe?: string | null;
  /** Its reader cannot choose not to receive it. */
  readonly isSecurity: boolean;
  readonly isForStaff?: boolean;
}

function footerOf({ isSecurity, isForStaff = false }: Page, language: Language): string {
  const { footer, security, staff } = words[language];
  if (isForStaff) return staff;
  return isSecurity ? security : footer;
}

export function toText(page: Page, language: Language): string {
  const { name, paragraphs, items, rows, link, preferences, unsubscribe = null } = page;
  const { greeting, toOrder, stop } = words[language];
  const table = (all: readonly Row[]) => all.map(([label, value]) => line(`${label}: ${value}`)).join("\n");
  const parts = [
    ...[greeting(name), ...paragraphs].map(line),
    ...[items, rows].filter((all) => all.length > 0).map(table),
    ...(link === null ? [] : [`${link.label ?? toOrder}: ${link.href}`]),
  ];
  const change = [
    ...(preferences === null ? [] : [`${preferences}\n`]),
    ...(unsubscribe === null ? [] : [`${stop}: ${unsubscribe}\n`]),
  ];
  return `${parts.join("\n\n")}\n\n-- \n${footerOf(page, language)}\n${change.join("")}`;
}

/** Mail programs with a dark mode use these colours; others show the page in white. */
const dark = `@media (prefers-color-scheme: dark) {
        .back { background: #101214 !important; color: #e8eaed !important }
        .sheet { background: #1c1f23 !important }
        .quiet { color: #a9b0b8 !important }
        .ruled { border-color: #3a3f45 !important }
        .link { color: #8ab4f8 !important }
      }`;

const breaking = "overflow-wrap:anywhere";

/** Lines may break anywhere in the column with people's own text; the column beside it keeps its words whole. */
function tableOf(rows: readonly Row[], label: string, value: string): string {
  if (rows.length === 0) return "";
  const cell = "padding:6px 0;vertical-align:top";
  const lines = rows.map(
    ([name, text]) =>
      `<tr><td class="quiet" style="${cell};padding-right:16px;color:#596068;${label}">${escapeHtml(name)}</td>` +
      `<td align="right" style="${cell};${value}">${escapeHtml(text)}</td></tr>`,
  );
  return `
      <table class="ruled" role="presentation" width="100%" style="margin-top:16px;padding-top:8px;border-top:1px solid #e3e5e8;font-size:15px">
        ${lines.join("\n        ")}
      </table>`;
}

const linkTo = (href: string, label: string): string =>
  `<a class="link" style="color:#0b57d0" href="${escapeHtml(href)}">${escapeHtml(label)}</a>`;

export function toHtml(page: Page, language: Language): string {
  const { subject, name, paragraphs, items, rows, link, preferences, unsubscribe = null } = page;
  const { greeting, toOrder, toPreferences, stop } = words[language];
  const body = [greeting(name), ...paragraphs].map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n      ");
  const onward =
    link === null ? "" : `\n      <p style="margin:24px 0 0">${linkTo(link.href, link.label ?? toOrder)}</p>`;
  const change = [
    ...(preferences === null ? [] : [` ${linkTo(preferences, toPreferences)}`]),
    ...(unsubscribe === null ? [] : [` ${linkTo(unsubscribe, stop)}`]),
  ].join("");
  return `<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <title>${escapeHtml(subject)}</title>
    <style>
      ${dark}
    </style>
  </head>
  <body class="back" style="margin:0;padding:16px;background:#f4f5f7;color:#1c1e21;font:16px/1.6 system-ui,sans-serif;word-break:keep-all">
    <div class="sheet" style="max-width:560px;margin:0 auto;padding:24px;background:#fff;border-radius:12px">
      <h1 style="margin:0 0 16px;font-size:22px;line-height:1.35">${escapeHtml(subject)}</h1>
      ${body}${tableOf(items, breaking, "white-space:nowrap")}${tableOf(rows, "min-width:6em", breaking)}${onward}
      <p class="quiet" style="margin:32px 0 0;color:#596068;font-size:13px">${escapeHtml(footerOf(page, language))}${change}</p>
    </div>
  </body>
</html>
`;
}
