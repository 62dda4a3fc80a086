/** Where push messages may go: a client names the address, so it must not lead into the internal network. */
import type { Language } from "#core/text.ts";
import { acceptedUrl, isPublicName, type Network } from "#mixins/http/public-host.ts";
import { notification } from "./notification.contract.ts";
import { areKeys, type BrowserKeys } from "./web-push.model.ts";

const ofEndpoint = {
  en: "must be an https address of a push service on the internet, without port and password",
  ko: "인터넷에 공개된 푸시 서비스의 https 주소를 보내 주세요. 포트 번호와 비밀번호는 포함할 수 없습니다",
};
const ofKeys = {
  en: "must be the keys that the browser made: a point of the curve P-256, and 16 bytes",
  ko: "브라우저가 만든 키(P-256 곡선의 점과 16바이트 비밀 값)를 그대로 보내 주세요",
};

const refusal = (pointer: string, detail: string) =>
  notification.error("VALIDATION_FAILED", { errors: [{ pointer, detail }] });

/**
 * The normalised endpoint.
 * @param allowed networks beside the internet, such as that of a push service to try it out
 * @throws VALIDATION_FAILED when it is no public https address
 */
export function publicEndpoint(endpoint: string, allowed: readonly Network[] = [], language: Language = "en"): string {
  const url = URL.parse(endpoint);
  const isPlain = url?.protocol === "https:" && url.port === "" && url.username === "" && url.password === "";
  if (isPlain && isPublicName(url.hostname)) return url.href;
  const accepted = allowed.length > 0 ? acceptedUrl(endpoint, allowed) : undefined;
  if (accepted !== undefined) return accepted;
  throw refusal("/endpoint", ofEndpoint[language]);
}

/** @throws VALIDATION_FAILED for keys with which nothing can be encrypted */
export function acceptedKeys(keys: BrowserKeys, language: Language = "en"): BrowserKeys {
  if (!areKeys(keys)) throw refusal("/keys", ofKeys[language]);
  return keys;
}
