/** E-mail, sent through a mail server or written as `.eml` files that any mail program opens. */
import type { NodemailerError } from "nodemailer";
import type { MailComposerOptions } from "nodemailer/lib/mail-composer";
import { keepMessage } from "#mixins/node/mailbox.ts";
import { NotTaken, shownName, Undeliverable } from "../notification.model.ts";
import type { Parcel, Provider, Recipient } from "../notification.provider.ts";
import { writeWhole } from "./file.provider.ts";

/** Milliseconds. They are fewer than nodemailer's, because a silent server must not delay a stop. */
const timeouts = { dnsTimeout: 5000, connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 10_000 };

/**
 * The Message-ID is derived from the delivery, so that a mail program shows a mail once even when it was sent twice
 * (RFC 5322, section 3.6.4).
 */
const compose = (from: string, { name, email }: Recipient, parcel: Parcel): MailComposerOptions => ({
  from,
  to: { name: shownName(name) ?? "", address: email },
  subject: parcel.subject,
  text: canonical(parcel.text),
  html: canonical(parcel.html),
  date: new Date(parcel.createdAt),
  messageId: `<${parcel.id}@${/@([^\s>]+)/.exec(from)?.[1] ?? "localhost"}>`,
  headers: { "Content-Language": parcel.language, "Auto-Submitted": "auto-generated", ...unsubscribing(parcel) },
  disableFileAccess: true,
  disableUrlAccess: true,
});

/** RFC 2369, and RFC 8058 where one click is enough: the link is signed, and needs no sign-in. */
function unsubscribing({ preferences, unsubscribe }: Parcel) {
  const list = (url: string) => ({ "List-Unsubscribe": { prepared: true, value: `<${url}>` } });
  if (unsubscribe) return { ...list(unsubscribe.post), "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" };
  return preferences === null ? {} : list(preferences);
}

/** Lines in mail end with CRLF (RFC 2046, section 4.1.1). */
const canonical = (text: string): string => text.replaceAll(/\r?\n/g, "\r\n");

/** E-mail can reach everybody, because every account has an address. */
const reaches = (): boolean => true;

/** @param from the sender, e.g. `Madang <no-reply@madang.example>` */
export function fileMail(from: string): Provider {
  return {
    name: "file",
    reaches,
    async send(recipient, parcel) {
      const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
      const message = await new MailComposer(compose(from, recipient, parcel)).compile().build();
      writeWhole("mail", `${parcel.id}.eml`, message);
      const { id, subject, text, html, language, createdAt } = parcel;
      keepMessage({ id, channel: "email", to: recipient.email, subject, text, html, language, createdAt });
    },
  };
}

/**
 * @param url `smtp://` or `smtps://`, with the account, and with options of nodemailer as its query
 * @param connections that may be open at the same time
 */
export function smtpMail(url: string, from: string, connections: number): Provider {
  // Its library is loaded with the first mail.
  const open = async () => {
    const { createTransport } = await import("nodemailer");
    return createTransport({ url, pool: true, maxConnections: connections, ...timeouts });
  };
  let server: ReturnType<typeof open> | undefined;
  const { host: name } = new URL(url);
  return {
    name,
    reaches,
    async send(recipient, parcel, trace) {
      try {
        await (await (server ??= open())).sendMail(compose(from, recipient, parcel));
        trace.provider = name;
      } catch (error) {
        const cause = error as NodemailerError;
        if (isFinal(cause)) throw new Undeliverable("The mail was refused.", { cause, isBounce: isBounce(cause) });
        // It may have been taken all the same; whoever gets it from two servers sees one mail, by its Message-ID.
        throw new NotTaken(!isAboutMail(cause), cause);
      }
    },
    close: () => void server?.then((opened) => opened.close()),
  };
}

/** A 5yz reply is final for this mail (RFC 5321, section 4.2.1), unless it is about our own account. */
const isFinal = (error: NodemailerError): boolean => (error.responseCode ?? 0) >= 500 && isAboutMail(error);

/** No such mailbox (RFC 5321, section 4.2.3; RFC 3463, X.1.*), unlike a refusal of our server or of what we wrote. */
const isBounce = ({ command, response = "", responseCode = 0 }: NodemailerError): boolean =>
  command === "RCPT TO" && [550, 551, 553].includes(responseCode) && !/^\d{3}[ -]5\.[02-9]/.test(response);

const isAboutMail = ({ code }: NodemailerError): boolean => code === "EENVELOPE" || code === "EMESSAGE";
