/** Where push messages may go: a client names the address, so it must not lead into the internal network. */
import type { Language } from "#core/text.ts";
import { isPublicName } from "#mixins/http/public-host.ts";
import { notification } from "./notification.contract.ts";

const detail = {
  en: "must be an https address of a push service on the internet, without port and password",
  ko: "인터넷에 공개된 푸시 서비스의 https 주소를 보내 주세요. 포트 번호와 비밀번호는 포함할 수 없습니다",
};

/** The normalised endpoint. @throws VALIDATION_FAILED when it is no public https address */
export function publicEndpoint(endpoint: string, language: Language = "en"): string {
  const url = URL.parse(endpoint);
  const isPlain = url?.protocol === "https:" && url.port === "" && url.username === "" && url.password === "";
  if (isPlain && isPublicName(url.hostname)) return url.href;
  throw notification.error("VALIDATION_FAILED", { errors: [{ pointer: "/endpoint", detail: detail[language] }] });
}
