/**
 * Text messages through Twilio, or a provider with its API. It knows no idempotency keys: where an answer was lost, its list of
 * messages tells whether it has the message, before that is sent again.
 */
import { NotTaken, Undeliverable } from "../notification.model.ts";
import type { Parcel, Provider, Recipient } from "../notification.provider.ts";
import { isGone, isUnreachable, type SmsAccount } from "../twilio.model.ts";

/** The request never left: there was no connection on which it could. */
const UNSENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS|DEPTH_ZERO|UNABLE_TO|SELF_SIGNED)/;

/** An answer without the message; its code is Twilio's own, or the status of HTTP. */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string | number) {
    super(`The provider of text messages answered ${code}.`);
    this.code = `SMS ${code}`;
  }
}

interface Sent {
  readonly sid: string;
  readonly body?: string;
  readonly date_created?: string;
}

interface Options {
  /** Milliseconds that an answer may take. */
  readonly timeout: number;
  /** Where the provider reports what became of a message; null when it cannot reach us. */
  readonly receipts: ((provider: string, id: string) => string) | null;
}

export function twilioSms({ name, origin, sid, token, from }: SmsAccount, { timeout, receipts }: Options): Provider {
  const path = `${origin}/2010-04-01/Accounts/${encodeURIComponent(sid)}/Messages.json`;
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}`;

  async function ask(
    url: string,
    body?: URLSearchParams,
  ): Promise<{ status: number; answer: Record<string, unknown> }> {
    const signal = AbortSignal.timeout(timeout);
    const method = body ? "POST" : "GET";
    const response = await fetch(url, {
      method,
      signal,
      redirect: "manual",
      headers: { authorization },
      ...(body && { body }),
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    return { status: response.status, answer };
  }

  /** The id of this message, when an attempt before was accepted though its answer was lost. */
  async function find({ phone }: Recipient, { summary, createdAt }: Parcel): Promise<string | null> {
    const query = new URLSearchParams({ To: phone!, "DateSent>": createdAt.slice(0, 10), PageSize: "100" });
    const { status, answer } = await ask(`${path}?${query.toString()}`);
    if (status !== 200) throw new Refusal(status);
    const since = Math.floor(Date.parse(createdAt) / 1000) * 1000;
    const found = (answer["messages"] as readonly Sent[]).find(
      ({ body, date_created = "" }) => body === summary && Date.parse(date_created) >= since,
    );
    return found?.sid ?? null;
  }

  async function submit({ phone }: Recipient, { id, summary }: Parcel): Promise<string> {
    const fields = new URLSearchParams({ To: phone!, Body: summary });
    fields.set(from.startsWith("MG") ? "MessagingServiceSid" : "From", from);
    if (receipts) fields.set("StatusCallback", receipts(name, id));
    const { status, answer } = await ask(path, fields).catch(({ cause }: Error) => {
      const { code = "" } = (cause ?? {}) as { code?: string };
      throw UNSENT.test(code) ? new NotTaken(true, new Refusal(code)) : new Refusal("NO_ANSWER");
    });
    if (status === 201) return String(answer["sid"]);
    const code = Number(answer["code"]);
    const refusal = new Refusal(code || status);
    if (isUnreachable(code))
      throw new Undeliverable("The number gets no messages.", { cause: refusal, isBounce: isGone(code) });
    // After a failure of its own, it may have the message all the same.
    if (status >= 500 && status !== 503) throw refusal;
    throw new NotTaken(status !== 400, refusal);
  }

  return {
    name,
    reaches: ({ phone }) => phone !== null,
    async send(recipient, parcel, trace) {
      const known = trace.provider === name ? await find(recipient, parcel) : null;
      trace.provider = name;
      if (known === null) await trace.store();
      try {
        trace.reference = known ?? (await submit(recipient, parcel));
      } catch (error) {
        if (error instanceof NotTaken || error instanceof Undeliverable) trace.provider = null;
        throw error;
      }
    },
  };
}
