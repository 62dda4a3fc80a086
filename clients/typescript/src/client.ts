/** The client: every action of the contracts as a method, with retries, a session that is renewed, and live streams. */
import type { Api } from "./api.generated.ts";
import { encoded } from "./bytes.ts";
import { operations } from "./operations.generated.ts";
import { isMadangError, refusalIn } from "./problem.ts";
import { type CallOptions, type Operation, type Request, requestOf } from "./request.ts";
import { defaults, retried, type RetryOptions } from "./retry.ts";
import type { Tokens } from "./schemas.generated.ts";
import { Session } from "./session.ts";
import { liveEvents } from "./stream.ts";
import { uploaded, type UploadOptions } from "./upload.ts";

export interface ClientOptions {
  /** Of the gateway, such as `https://shop.example`, without `/api`. */
  readonly url: string;
  /** Of titles and advice of refusals, and of what is stored in several languages. */
  readonly language?: "en" | "ko";
  /** Tokens to go on with. */
  readonly tokens?: Tokens;
  /** Told what to keep for the next start, and null when the session has ended. */
  readonly onTokens?: (tokens: Tokens | null) => void;
  readonly retry?: Partial<RetryOptions>;
  /** Milliseconds for one attempt. */
  readonly timeout?: number;
  readonly fetch?: typeof fetch;
}

export interface Client extends Api {
  readonly session: Session;
  /**
   * The answer itself, with its status and headers; retries and session work as in all calls.
   *
   * @example
   * const pdf = await madang.fetch("account.getInvoiceDocument", { id }, { accept: "application/pdf" });
   * @throws MadangError
   */
  fetch(action: string, input?: object, options?: CallOptions): Promise<Response>;
  /**
   * Sends a film in parts, and goes on behind the last one that came where a connection breaks.
   *
   * @example
   * const sourceId = await madang.upload(file, { onProgress: (sent) => bar.set(sent / file.size) });
   * await madang.content.createEncoding({ id: video.id, sourceId });
   * @returns its id
   * @throws MadangError
   */
  upload(file: Blob, options?: UploadOptions): Promise<string>;
}

type Input = Readonly<Record<string, unknown>>;

/** Whose codes tell that another access token may be good. */
const RENEWABLE: ReadonlySet<string> = new Set(["TOKEN_EXPIRED", "TOKEN_INVALID"]);

export function createClient(options: ClientOptions): Client {
  const { url, language, timeout = 30_000 } = options;
  const policy = { ...defaults, ...options.retry };
  const send = options.fetch ?? fetch;
  const base = url.replace(/\/+$/, "");

  /** @throws MadangError for a refusal, and what `fetch` throws where there is no answer */
  async function attempt(request: Request, token: string | undefined, signal: AbortSignal): Promise<Response> {
    const response = await send(base + request.target, {
      method: request.method,
      headers: {
        ...request.headers,
        ...(language && { "accept-language": language }),
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: request.body ?? null,
      signal,
    });
    if (!response.ok) throw await refusalIn(response);
    return response;
  }

  /** One attempt as whoever is signed in; once more when only the access token had ended. */
  async function attemptSignedIn(request: Request, signal: AbortSignal): Promise<Response> {
    const token = await session.accessToken();
    try {
      return await attempt(request, token, signal);
    } catch (error) {
      if (!token || !hasOldToken(error)) throw error;
      return attempt(request, await session.renew(token), signal);
    }
  }

  const limited = (signal?: AbortSignal): AbortSignal =>
    AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]);

  async function call(action: string, input?: object, callOptions: CallOptions = {}): Promise<Response> {
    const operation = operations[action];
    if (!operation) throw new TypeError(`There is no action "${action}".`);
    const request = requestOf(operation, await encoded(operation, input as Input), callOptions);
    const { signal } = callOptions;
    return retried(request, () => attemptSignedIn(request, limited(signal)), policy, signal);
  }

  /** What signs in must not carry the token of a session that ends. */
  async function tokensBy(action: string, input: object, isRepeatable: boolean): Promise<Tokens> {
    const request = { ...requestOf(operations[action]!, input as Input), isRepeatable };
    const response = await retried(request, () => attempt(request, undefined, limited()), policy);
    return (await response.json()) as Tokens;
  }

  const session = new Session(
    {
      signIn: (input) => tokensBy("user.signIn", input, false),
      // The gateway answers the same tokens again for ten seconds.
      refresh: (refreshToken) => tokensBy("user.refresh", { refreshToken }, true),
      signOut: async () => void (await call("user.signOut")),
    },
    options.onTokens,
  );
  if (options.tokens) session.resume(options.tokens);

  /** A stream is no answer that ends, so nothing limits its time. */
  function follow(operation: Operation, input: object, { signal }: CallOptions = {}): AsyncIterable<unknown> {
    const request = requestOf(operation, input as Input, { accept: "text/event-stream" });
    return liveEvents((last) => {
      const headers = { ...request.headers, ...(last !== undefined && { "last-event-id": last }) };
      return attemptSignedIn({ ...request, headers }, signal ?? new AbortController().signal);
    }, signal);
  }

  const methodOf =
    (action: string, operation: Operation) =>
    (input?: object, callOptions?: CallOptions): unknown =>
      operation.isLive ? follow(operation, input ?? {}, callOptions) : call(action, input, callOptions).then(contentOf);

  const services: Record<string, Record<string, unknown>> = {};
  for (const [action, operation] of Object.entries(operations)) {
    const [service, name] = action.split(".") as [string, string];
    (services[service] ??= {})[name] = methodOf(action, operation);
  }
  const upload = (file: Blob, uploading: UploadOptions = {}): Promise<string> => {
    const { signal } = uploading;
    const ask = (request: Request) => retried(request, () => attemptSignedIn(request, limited(signal)), policy, signal);
    return uploaded(ask, file, { ...policy, ...uploading });
  };
  return { ...(services as unknown as Api), session, fetch: call, upload };
}

const hasOldToken = (error: unknown): boolean => isMadangError(error) && RENEWABLE.has(error.code);

async function contentOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}
