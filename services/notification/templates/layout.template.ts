/** How a message looks as HTML and as plain text. All values pass through here, so here they are escaped. */
import type { Copy, Language } from "../notification.model.ts";

const words = {
  en: {
    greeting: (name: string | null) => (name === null ? "Hello," : `Hello ${name},`),
    footer: "This message was sent automatically. You can change what you receive in your notification settings.",
  },
  ko: {
    greeting: (name: string | null) => (name === null ? "안녕하세요." : `${name} 님, 안녕하세요.`),
    footer: "본 메일은 발신 전용입니다. 알림 설정에서 수신 방법을 변경하실 수 있습니다.",
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

/** One line: a value cannot add lines that look like ours. */
const line = (value: string): string => value.replaceAll(/\s+/g, " ");

/** @param name of the person who reads it, if it may be shown */
export function toText({ paragraphs, rows }: Copy, language: Language, name: string | null): string {
  const { greeting, footer } = words[language];
  const table = rows.map(([label, value]) => line(`${label}: ${value}`)).join("\n");
  return `${[greeting(name), ...paragraphs].map(line).join("\n\n")}\n\n${table}\n\n-- \n${footer}\n`;
}

/** @param name of the person who reads it, if it may be shown */
export function toHtml({ subject, paragraphs, rows }: Copy, language: Language, name: string | null): string {
  const { greeting, footer } = words[language];
  const body = [greeting(name), ...paragraphs].map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n      ");
  const table = rows
    .map(
      ([label, value]) =>
        `<tr><td style="padding:6px 16px 6px 0;color:#667">${escapeHtml(label)}</td><td align="right">${escapeHtml(value)}</td></tr>`,
    )
    .join("\n        ");
  return `<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${escapeHtml(subject)}</title>
  </head>
  <body style="margin:0;padding:24px;background:#f4f5f7;color:#1c1e21;font:16px/1.6 system-ui,sans-serif">
    <div style="max-width:560px;margin:0 auto;padding:32px;background:#fff;border-radius:12px">
      <h1 style="margin:0 0 16px;font-size:22px">${escapeHtml(subject)}</h1>
      ${body}
      <table role="presentation" width="100%" style="margin-top:16px;border-top:1px solid #e3e5e8;font-size:15px">
        ${table}
      </table>
      <p style="margin:32px 0 0;color:#889;font-size:13px">${escapeHtml(footer)}</p>
    </div>
  </body>
</html>
`;
}
