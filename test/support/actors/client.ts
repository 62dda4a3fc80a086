/** A client of the HTTP API, as thin as curl. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

export interface Answer<Body = Record<string, never>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

interface Options {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A function answers the token for one request, as clients do that renew it in time. */
type Token = string | null | (() => Promise<string>);

const agent = new Agent({ keepAlive: true });

export class Client {
  readonly #base: () => string;
  readonly #token: Token;
  readonly #patience: number;

  /**
   * @param url of the gateway, without `/api/v1`; a function chooses one for each request
   * @param patience milliseconds after which a request is given up
   */
  constructor(url: string | (() => string), token: Token = null, patience = 300_000) {
    this.#base = typeof url === "string" ? () => url : url;
    this.#token = token;
    this.#patience = patience;
  }

  /** `send("POST", "/orders", { body })`; a POST carries a fresh Idempotency-Key unless one is given. */
  async send<Body = Record<string, never>>(
    method: string,
    path: string,
    { body, headers }: Options = {},
  ): Promise<Answer<Body>> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    // Not `fetch`, which takes a crowd of buyers as much of the machine as some of the services.
    const sent = request(`${this.#base()}/api/v1${path}`, {
      method,
      agent,
      signal: AbortSignal.timeout(this.#patience),
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(content === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
        ...headers,
      },
    });
    // The reader of the answer gets this error too.
    sent.on("error", () => {});
    sent.end(content);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    const told = await text(answer);
    return {
      status: answer.statusCode!,
      headers: new Headers(answer.headers as Record<string, string>),
      body: (told ? JSON.parse(told) : null) as Body,
    };
  }

  get<Body>(path: string): Promise<Answer<Body>> {
    return this.send<Body>("GET", path);
  }

  post<Body>(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer<Body>> {
    return this.send<Body>("POST", path, { body, headers });
  }

  /** The same gateway as somebody who has signed in. */
  async as({ email, password }: { readonly email: string; readonly password: string }): Promise<Client> {
    const { status, body } = await this.post<{ accessToken: string }>("/sessions", { email, password });
    if (status !== 201) throw new Error(`The sign-in of ${email} was answered ${status}.`);
    return new Client(this.#base, body.accessToken, this.#patience);
  }

  /** A new customer, signed in. */
  async newCustomer(name = "Customer"): Promise<Client> {
    const account = { email: `${randomUUID()}@example.test`, password: randomUUID(), name };
    const { status } = await this.post("/users", account);
    if (status !== 201) throw new Error(`The sign-up was answered ${status}.`);
    return this.as(account);
  }
}

export const address = { name: "김미나", line1: "세종대로 110", city: "서울", postalCode: "04524", country: "KR" };

export const orderOf = (productId: string, quantity = 1, paymentMethod = "tok_success") => ({
  items: [{ productId, quantity }],
  paymentMethod,
  shippingAddress: address,
});
