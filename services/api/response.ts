/** Converts the answer of an action into an HTTP response: status, caching, location, entity tag. */
import type { ActionDefinition } from "#core/contract.ts";
import type { Meta } from "#core/context.ts";
import type { Described } from "#mixins/gateway/registry.ts";
import { entityTag, isNotModified } from "./etag.ts";
import type { Exchange } from "./exchange.ts";
import { restRoute, type RestRoute } from "./route.ts";

/** A route that needs a token in a header shows private data, although nobody signs in for it. Shared caches must not keep that. */
export function caching(method: string, { auth, immutable, inHeader }: ActionDefinition): readonly string[] {
  if (immutable) return ["Cache-Control", "public, max-age=31536000, immutable"];
  const isEverybodys = auth === "public" && inHeader === undefined;
  const policy = method !== "GET" ? "no-store" : isEverybodys ? "no-cache" : "private, no-cache";
  return ["Cache-Control", policy];
}

export const REPLAYED = ["Idempotent-Replayed", "true"] as const;

interface Rendering {
  readonly body: Buffer;
  readonly tag: string;
}

const renderings = new WeakMap<object, Rendering>();

/** JSON and its tag, made once for an object that a service answers repeatedly. */
function render(answer: unknown): Rendering {
  const known = answer instanceof Object ? renderings.get(answer) : undefined;
  if (known) return known;
  const text = JSON.stringify(answer ?? null);
  const rendering = { body: Buffer.from(text), tag: entityTag(text, answer) };
  if (answer instanceof Object) renderings.set(answer, rendering);
  return rendering;
}

/** How much a client wants this media type, from 0 to 1, and whether it names it (RFC 9110 section 12.5.1). */
function wish(accept: string | undefined, mediaType: string): { readonly weight: number; readonly isNamed: boolean } {
  const ranges = (accept ?? "*/*").split(",").map((one) => {
    const [type = "", ...parameters] = one.split(";").map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { type, weight: quality === undefined ? 1 : Number(quality) || 0 };
  });
  // The closest range counts.
  const closest = [mediaType, mediaType.replace(/\/.*/, "/*"), "*/*"];
  const found = closest.flatMap((type) => ranges.find((one) => one.type === type) ?? [])[0];
  return { weight: found?.weight ?? 0, isNamed: found?.type === mediaType };
}

/** Whether a client wants the file rather than the JSON around it. Whoever takes anything is given JSON. */
export function asksFor(accept: string | undefined, mediaType: string): boolean {
  const file = wish(accept, mediaType);
  return file.weight > 0 && (file.isNamed || file.weight > wish(accept, "application/json").weight);
}

export interface File {
  readonly name: string;
  /** In Base64. */
  readonly content: string;
}

/** The bytes of a file and their tag, which differs from that of the JSON around them. */
function renderFile({ content }: File): Rendering {
  const body = Buffer.from(content, "base64");
  return { body, tag: entityTag(content, null) };
}

/** The names of files are the contract's own: letters, digits, dots and hyphens. */
export const saved = ({ name }: File): readonly string[] => [
  "Content-Disposition",
  `attachment; filename="${name.replaceAll(/[^\w.-]/g, "_")}"`,
];

type Fields = Readonly<Record<string, unknown>>;

/** The languages of an answer's texts, as it says itself (RFC 9110 section 8.5). */
function languageOf({ language, items }: Fields): readonly string[] {
  const ofItems = Array.isArray(items) ? (items as readonly Fields[]).map((item) => item["language"]) : [];
  const languages = [language, ...ofItems].filter((one) => typeof one === "string");
  return languages.length === 0 ? [] : ["Content-Language", [...new Set(languages)].toSorted().join(", ")];
}

/** The path at which clients find the subject of an answer. */
function locator(service: Described, { shownBy = "" }: ActionDefinition): ((answer: Fields) => string) | undefined {
  const shown = service.actions[shownBy];
  const path = shown && restRoute(service, shown)?.path;
  return path === undefined
    ? undefined
    : (answer) => path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(answer[name])));
}

const unfinishedTest = ({ unfinished = {} }: ActionDefinition): ((answer: Fields) => boolean) => {
  const values = Object.entries(unfinished);
  return (answer) => values.some(([field, some]) => some.includes(answer[field] as string));
};

export type Respond = (exchange: Exchange, answer: unknown, meta: Meta) => void;

export function responseOf(service: Described, { method }: RestRoute, definition: ActionDefinition): Respond {
  const { status: usual = 200, concurrency, file, moved = "" } = definition;
  const headersOfAll = caching(method, definition);
  const locationOf = locator(service, definition);
  const isUnfinished = unfinishedTest(definition);
  const isTagged = method === "GET" || concurrency !== undefined;
  return (exchange, answer, meta) => {
    const fields = (answer ?? {}) as Fields;
    // A node of the release before has neither in its contract, and sends both beside its answer.
    const status =
      (meta["$statusCode"] as number | undefined) ??
      (isUnfinished(fields) ? 202 : fields[moved] === true ? 301 : usual);
    const location = (meta["$location"] as string | undefined) ?? locationOf?.(fields);
    const headers = [...headersOfAll];
    if (location !== undefined) headers.push("Location", location);
    if (meta["$replayed"]) headers.push(...REPLAYED);
    if (definition.translated) headers.push(...languageOf(fields));
    if (status === 204) return exchange.sendNothing(204, headers);
    const isFile = file !== undefined && asksFor(exchange.req.headers.accept, file);
    if (file) headers.push("Vary", "Accept");
    if (isFile) headers.push(...saved(answer as File));
    const { body, tag } = isFile ? renderFile(answer as File) : render(answer);
    if (isTagged && (status === 200 || status === 201)) {
      headers.push("ETag", tag);
      const isFresh = method === "GET" && isNotModified(exchange.req.headers["if-none-match"], tag);
      if (isFresh) return exchange.sendNothing(304, headers);
    }
    return isFile ? exchange.send(status, body, headers, file) : exchange.sendJson(status, body, headers);
  };
}
