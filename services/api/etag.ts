/** Entity tags (RFC 9110 sections 8.8.3 and 13.1). They are strong, and name the version of a resource. */
import { hash } from "node:crypto";
import { sharedError } from "#core/errors.ts";

const HASH_LENGTH = 22;
/** An element of a list, which may be empty (RFC 9110 section 5.6.1), up to the comma behind it. */
const ELEMENT = /[\t ]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[\t ]*)?(?:,|$)/gy;
const VERSIONED = /^"(\d{1,15})\.[\w-]+"$/;

/**
 * `"<version>.<hash>"`, or `"<hash>"` when the answer has no version.
 * @param body the JSON of `answer`
 */
export function entityTag(body: string, answer: unknown): string {
  const digest = hash("sha1", body, "base64url").slice(0, HASH_LENGTH);
  const { version } = (answer ?? {}) as { version?: unknown };
  return Number.isInteger(version) ? `"${version as number}.${digest}"` : `"${digest}"`;
}

/** True when If-None-Match names `tag`. The comparison is weak, as the RFC requires. */
export function isNotModified(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === tag || ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
}

/**
 * The strong tags of If-Match; a weak tag never matches there. Empty for `*`, which every existing resource matches.
 * @throws MALFORMED_REQUEST
 */
export function expectedTags(ifMatch: string): readonly string[] | undefined {
  if (ifMatch.trim() === "*") return undefined;
  const written = [...ifMatch.matchAll(ELEMENT)].flatMap(([, tag]) => tag ?? []);
  if (written.length === 0 || ifMatch.replaceAll(ELEMENT, "") !== "") {
    throw sharedError("MALFORMED_REQUEST", {
      errors: [
        {
          pointer: "",
          detail: { en: "If-Match must be a list of entity tags", ko: "If-Match에는 엔티티 태그 목록을 보내 주세요" },
        },
      ],
    });
  }
  return written.filter((one) => !one.startsWith("W/"));
}

/** The version in one of our tags. */
export function versionIn(tag: string): number | undefined {
  const found = VERSIONED.exec(tag);
  return found ? Number(found[1]) : undefined;
}
