/** Answers requests for the files of films: only with a token of a session that goes on, and only what is for players. */
import { now } from "#core/clock.ts";
import { isError, sharedError } from "#core/errors.ts";
import type { FileMemory, HeldFile } from "#mixins/delivery/file-memory.ts";
import { type Grant, type Key, verify } from "#mixins/delivery/path-token.ts";
import type { Visit } from "#mixins/http/visit.ts";
import { edge } from "./edge.contract.ts";
import { type Asked, asked, hasTag, heightOf, isMaster, partOf, typeOf } from "./request.model.ts";
import { type Pathway, withPathways } from "./steering.model.ts";
import type { SessionChecks } from "./session-check.mixin.ts";

/** Any page may play a film whose address it has: the token is the right to it, and no cookie plays a part. */
const open: readonly string[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "Content-Length, Content-Range, ETag"],
  ["Timing-Allow-Origin", "*"],
  ["Cross-Origin-Resource-Policy", "cross-origin"],
  ["X-Content-Type-Options", "nosniff"],
  ["Referrer-Policy", "no-referrer"],
].flat();

const preflight: readonly string[] = [
  ["Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"],
  ["Access-Control-Allow-Headers", "Range, If-None-Match, If-Range"],
  ["Access-Control-Max-Age", "86400"],
].flat();

/** Tokens that are remembered. */
const REMEMBERED = 20_000;
const METHODS = "GET, HEAD, OPTIONS";
/** Which edges there are may change at any time. The type follows. */
const fresh: readonly string[] = ["Cache-Control", "no-store", "Content-Type"];
/** A file never changes under its address (RFC 8246). A shared cache would answer tokens that have ended since. */
const kept: readonly string[] = ["Cache-Control", "private, max-age=31536000, immutable"];

/** Asks from which edges a session should take its files. */
export interface Steering {
  /** The steering manifest. */
  manifest(session: string): Promise<object>;
  /** The edges, best first; this one alone while nobody answers. */
  pathways(session: string, path: string): Promise<readonly Pathway[]>;
}

interface Parts {
  readonly files: FileMemory;
  readonly keys: readonly Key[];
  readonly checks: SessionChecks;
  /** Undefined where there is one edge only, and nobody to steer. */
  readonly steering: Steering | undefined;
}

export class Delivery {
  readonly #parts: Parts;
  readonly #grants = new Map<string, Grant>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws NOT_FOUND, METHOD_NOT_ALLOWED, ADDRESS_REFUSED, RATE_LIMITED */
  async serve(visit: Visit): Promise<void> {
    const { req, path, headers } = visit;
    headers.splice(0, headers.length, ...open);
    if (req.method === "OPTIONS") return visit.send(204, "", ["Allow", METHODS, ...preflight]);
    const wanted = asked(path);
    const grant = wanted && this.#grantOf(wanted);
    // Who has no good token is counted, so that tokens cannot be tried; who has one is not kept from their film.
    if (!grant) await visit.admit({ auth: "public" });
    if (!wanted) throw sharedError("NOT_FOUND");
    if (!grant) throw edge.error("ADDRESS_REFUSED");
    if (req.method !== "GET" && req.method !== "HEAD") {
      headers.push("Allow", METHODS);
      throw sharedError("METHOD_NOT_ALLOWED");
    }
    const going = this.#parts.checks.isGoing(grant.session);
    if (!(typeof going === "boolean" ? going : await going)) throw edge.error("ADDRESS_REFUSED");
    return this.#answer(visit, wanted, grant);
  }

  /** A token that was good is good until it expires, so that a film does not cost a computation for each of its files. */
  #grantOf({ token, folder }: Asked): Grant | undefined {
    const seconds = Math.floor(now() / 1000);
    const known = this.#grants.get(`${token}/${folder}`);
    if (known) return known.expires > seconds ? known : undefined;
    const grant = verify(this.#parts.keys, token, folder, seconds);
    if (!grant) return undefined;
    if (this.#grants.size >= REMEMBERED) this.#grants.delete(this.#grants.keys().next().value!);
    this.#grants.set(`${token}/${folder}`, grant);
    return grant;
  }

  async #answer(visit: Visit, { token, folder, file }: Asked, grant: Grant): Promise<void> {
    const { steering, files } = this.#parts;
    if (steering && file === "steering") {
      const manifest = await steering.manifest(grant.session).catch((error: unknown) => {
        // Whoever steers is away: the player goes on as it was told before.
        throw isError(error, "PLAYBACK_SESSION_OVER")
          ? edge.error("ADDRESS_REFUSED")
          : sharedError("SERVICE_UNAVAILABLE");
      });
      return visit.send(200, JSON.stringify(manifest), [...fresh, "application/json"]);
    }
    const type = typeOf(file);
    if (type === undefined) throw sharedError("NOT_FOUND");
    if (heightOf(file) > grant.height) throw edge.error("ADDRESS_REFUSED");
    const reading = files.get(`${folder}/${file}`);
    const found = reading instanceof Promise ? await reading : reading;
    if (!found) throw sharedError("NOT_FOUND");
    if (!steering || !isMaster(file)) return send(visit, found, type);
    const pathways = await steering.pathways(grant.session, `/t/${token}/${folder}/`);
    visit.send(200, withPathways(found.body.toString(), pathways), [...fresh, type]);
  }
}

/** Answers with the file, or with the part of it that is asked for (RFC 9110 section 14). */
function send(visit: Visit, { body, etag }: HeldFile, type: string): void {
  const { headers } = visit.req;
  const about = ["Content-Type", type, "ETag", etag, "Accept-Ranges", "bytes", ...kept];
  if (hasTag(headers["if-none-match"], etag)) return visit.send(304, "", about);
  const ifRange = headers["if-range"];
  const isSame = ifRange === undefined || ifRange === etag;
  const part = visit.req.method === "GET" && isSame ? partOf(headers.range, body.length) : null;
  if (part === null) return visit.send(200, body, about);
  if (part === undefined) return visit.send(416, "", ["Content-Range", `bytes */${body.length}`]);
  const { from, until } = part;
  visit.send(206, body.subarray(from, until), [...about, "Content-Range", `bytes ${from}-${until - 1}/${body.length}`]);
}
