/** Toss Payments over HTTP: Basic authentication with the secret key, keys for requests, and what an error means. */
import { config } from "../payment.config.ts";

/** The shop's key is wrong or may not do this, or the fault is Toss Payments' own: nothing is known of the payment. */
const undecided: ReadonlySet<unknown> = new Set([
  "FORBIDDEN_REQUEST",
  "INCORRECT_BASIC_AUTH_FORMAT",
  "INVALID_API_KEY",
  "PROVIDER_ERROR",
  "UNAUTHORIZED_KEY",
]);

/** A refusal of the request, with the code of Toss Payments. */
export class TossRefusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface Request {
  readonly method: "GET" | "POST";
  /** Below the address of the API, with its query. */
  readonly path: string;
  readonly body?: object;
  /** A repeated request with the same key is answered as the first was (docs.tosspayments.com/guides/v2/using-api/idempotency-key). */
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
}

/** @throws TossRefusal for what is refused for good; any other error means that the outcome is unknown */
export async function ask<Answer>({ method, path, body, key, signal }: Request): Promise<Answer> {
  const answer = await fetch(new URL(path, config.PAYMENT_TOSS_URL), {
    method,
    redirect: "error",
    headers: {
      authorization: `Basic ${Buffer.from(`${config.PAYMENT_TOSS_SECRET_KEY}:`).toString("base64")}`,
      ...(body && { "content-type": "application/json" }),
      ...(key && { "idempotency-key": key }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const told: unknown = await answer.json();
  if (answer.ok) return told as Answer;
  const { code } = (told ?? {}) as { readonly code?: unknown };
  const isFinal = [400, 403, 404].includes(answer.status) && typeof code === "string" && !undecided.has(code);
  throw isFinal ? new TossRefusal(code) : new Error(`Toss Payments answered ${answer.status} to ${method}.`);
}
