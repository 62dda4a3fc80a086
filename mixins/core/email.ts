/** E-mail addresses as mail providers deliver them, with one spelling for each mailbox. */
import { domainToASCII } from "node:url";
import { cardFault, type Sentence } from "./text.ts";

/** RFC 5321 section 4.5.3.1, in octets. */
const LONGEST_LOCAL_PART = 64;
const LONGEST = 254;

/** The dot-atom of RFC 5322. Mail providers offer no quoted local parts, and ignore the case of this one. */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
/** Checked before the domain is converted, because the converter drops tabs and ends at a slash. */
const HOST = /^[A-Za-z\d.\-\u0080-\u{10ffff}]+$/u;
/** Host names of at least two labels (RFC 1123 section 2.1), the last of which is no number, as in an IP address. */
const DOMAIN = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z](?:[a-z\d-]{0,61}[a-z\d])?$/;

/** The one spelling of a mailbox, with the domain in ASCII (UTS #46); undefined when no mail can get there. */
export function mailbox(address: string): string | undefined {
  const end = address.lastIndexOf("@");
  const local = address.slice(0, Math.max(end, 0));
  if (local.length > LONGEST_LOCAL_PART || !LOCAL_PART.test(local) || address.length > LONGEST) return undefined;
  const written = address.slice(end + 1);
  const domain = HOST.test(written) ? domainToASCII(written) : "";
  const normal = `${local.toLowerCase()}@${domain}`;
  return DOMAIN.test(domain) && normal.length <= LONGEST ? normal : undefined;
}

export const emailFault = (address: string): Sentence | null =>
  mailbox(address) === undefined
    ? {
        en: "must be an e-mail address such as name@example.com",
        ko: "올바른 이메일 주소가 아닙니다",
      }
    : cardFault(address);
