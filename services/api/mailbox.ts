/** The mailbox page of development. It shows the messages of everybody, so nobody beyond this machine gets it, and no cluster has it. */
import { readFileSync } from "node:fs";
import { sharedError } from "#core/errors.ts";
import { findMessage, isMailboxOpen, listMessages } from "#mixins/node/mailbox.ts";
import type { Exchange } from "./exchange.ts";
import { isFromHere } from "./here.ts";

const PAGE = 30;
const page = readFileSync(new URL("./pages/mailbox/index.html", import.meta.url));

/** A message runs nothing and sends nothing; its links open in a tab of their own. */
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data: https:",
  "frame-ancestors 'self'",
  "sandbox allow-popups allow-popups-to-escape-sandbox",
].join(";");

/** @throws NOT_FOUND for everybody else, as if there were no such page */
function checkReader({ req }: Exchange): void {
  if (!isFromHere(req) || !isMailboxOpen()) throw sharedError("NOT_FOUND");
}

function sendHtml(exchange: Exchange, html: string | Buffer, csp?: string): void {
  exchange.prepare();
  const { res } = exchange;
  if (csp) res.setHeader("Content-Security-Policy", csp);
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(html));
  res.end(html);
}

export const mailboxHandlers: Readonly<Record<string, (exchange: Exchange, values: readonly string[]) => void>> = {
  "GET /mailbox"(exchange) {
    checkReader(exchange);
    sendHtml(exchange, page);
  },
  "GET /mailbox/messages"(exchange) {
    checkReader(exchange);
    const before = new URLSearchParams(exchange.query).get("before") ?? undefined;
    const items = listMessages(PAGE + 1, before);
    const hasMore = items.length > PAGE;
    const body = {
      items: items.slice(0, PAGE).map(({ html, ...one }) => ({ ...one, hasHtml: html !== null })),
      hasMore,
    };
    exchange.sendJson(200, JSON.stringify(body), ["Cache-Control", "no-store"]);
  },
  "GET /mailbox/messages/:channel/:id"(exchange, [channel = "", id = ""]) {
    checkReader(exchange);
    const html = findMessage(channel, id)?.html;
    if (html === undefined || html === null) throw sharedError("NOT_FOUND");
    sendHtml(exchange, html.replace("<head>", '<head><base target="_blank">'), policy);
  },
};
