/** Files of any length: services answer them in pages, and who asks for the file gets all of them as one. */
import { once } from "node:events";
import type { ActionDefinition } from "#core/contract.ts";
import type { Exchange } from "./exchange.ts";
import { caching, type File, saved } from "./response.ts";

interface Page extends File {
  readonly nextCursor: string | null;
}

/** Whether the file goes on behind this page. */
export const hasMore = (answer: unknown): answer is Page =>
  typeof (answer as Partial<Page> | null)?.nextCursor === "string";

/** Sends one page after another, no faster than the client takes them. A client that gets no end knows that it was cut. */
export async function sendPages(
  exchange: Exchange,
  definition: ActionDefinition,
  first: Page,
  next: (cursor: string) => Promise<unknown>,
): Promise<void> {
  const { req, res } = exchange;
  const type = ["Content-Type", definition.file!, "Vary", "Accept"];
  res.writeHead(200, [...exchange.headers, ...caching("GET", definition), ...saved(first), ...type]);
  if (req.method === "HEAD") return void res.end();
  let page = first;
  for (;;) {
    if (!res.write(Buffer.from(page.content, "base64")) && !res.destroyed)
      await Promise.race([once(res, "drain"), once(res, "close")]);
    if (res.destroyed) return;
    if (page.nextCursor === null) return void res.end();
    page = (await next(page.nextCursor)) as Page;
  }
}
