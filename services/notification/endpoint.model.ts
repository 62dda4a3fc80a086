/** Where push messages may go: a client names the address, so it must not lead into the internal network. */
import { isIP } from "node:net";
import type { Language } from "#core/text.ts";
import { notification } from "./notification.contract.ts";

/** Host names with a meaning only within a network (RFC 6761, RFC 6762, RFC 8375, and custom). */
const INSIDE = new Set("localhost localdomain local internal intranet lan home corp private arpa".split(" "));

/** At least two labels. The URL parser has converted every other spelling of an IP address before. */
function isPublic(hostname: string): boolean {
  const labels = hostname.replace(/\.$/, "").split(".");
  return labels.length > 1 && !hostname.startsWith("[") && isIP(hostname) === 0 && !INSIDE.has(labels.at(-1)!);
}

const detail = {
  en: "must be an https address of a push service on the internet, without port and password",
  ko: "인터넷에 공개된 푸시 서비스의 https 주소를 보내 주세요. 포트 번호와 비밀번호는 포함할 수 없습니다",
};

/** The normalised endpoint. @throws VALIDATION_FAILED when it is no public https address */
export function publicEndpoint(endpoint: string, language: Language = "en"): string {
  const url = URL.parse(endpoint);
  const isPlain = url?.protocol === "https:" && url.port === "" && url.username === "" && url.password === "";
  if (isPlain && isPublic(url.hostname)) return url.href;
  throw notification.error("VALIDATION_FAILED", { errors: [{ pointer: "/endpoint", detail: detail[language] }] });
}
