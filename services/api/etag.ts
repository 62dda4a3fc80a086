/** Entity tags (RFC 9110 sections 8.8.3 and 13.1): strong, and where a resource can be edited they name its version. */
import { hash } from "node:crypto";
import { sharedError } from "#core/errors.ts";

const HASH_LENGTH = 22;
const ENTITY_TAGS = /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*\s*$/;
const VERSIONED = /^\s*"(\d{1,15})\.[\w-]+"\s*$/;

/**
 * `"<version>.<hash>"`, or `"<hash>"` when the answer has no version.
 * @param body the JSON of `answer`
 */
export function entityTag(body: string, answer: unknown): string {
  const digest = hash("sha1", body, "base64url").slice(0, HASH_LENGTH);
  const { version } = (answer ?? {}) as { version?: unknown };
  return Number.isInteger(version) ? `"${version as number}.${digest}"` : `"${digest}"`;
}

/** True when If-None-Match names `tag`; compared weakly, as the RFC wants it there. */
export function isNotModified(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === tag || ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
}

/**
 * The version that If-Match names; nothing for `*`.
 * @throws MALFORMED_REQUEST, STALE_VERSION when no version of ours could ever match
 */
export function expectedVersion(ifMatch: string): number | undefined {
  if (ifMatch.trim() === "*") return undefined;
  const found = VERSIONED.exec(ifMatch);
  if (found) return Number(found[1]);
  if (!ENTITY_TAGS.test(ifMatch) || ifMatch.includes(",")) {
    throw sharedError("MALFORMED_REQUEST", { errors: [{ pointer: "", detail: "If-Match must be one entity tag" }] });
  }
  throw sharedError("STALE_VERSION");
}
