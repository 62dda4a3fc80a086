/** How an action's input becomes a request: parts of the path, the query, headers and a JSON body. */

/** Where an action is found. */
export interface Operation {
  readonly method: string;
  /** With parameters as `{name}`. */
  readonly path: string;
  /** A repetition with the same Idempotency-Key is answered like the first. */
  readonly takesKey?: boolean;
  /** A change is made only to the version that was read. */
  readonly takesVersion?: boolean;
  /** Fields that go into a header of their own, by its name. */
  readonly inHeader?: Readonly<Record<string, string>>;
  /** Fields of the body that are bytes, which are sent in Base64. */
  readonly inBase64?: readonly string[];
  readonly isLive?: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Names the intent, so that a call after a restart of the program is no second order. A random one unless given. */
  readonly idempotencyKey?: string;
  /** Another form of the answer, such as `application/pdf`. */
  readonly accept?: string;
}

export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Blob;
  /** True when asking twice has the effect of asking once. */
  readonly isRepeatable: boolean;
}

/** One item of a live stream. */
export interface LiveEvent<Type extends string = string, Data = unknown> {
  /** A stream that is resumed with it goes on behind this event. */
  readonly id: string;
  readonly type: Type;
  readonly data: Data;
}

type Input = Readonly<Record<string, unknown>>;

const IDEMPOTENT = new Set(["GET", "PUT", "DELETE"]);

function queryOf(input: Input): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    for (const one of [value].flat()) if (one !== undefined) query.append(name, `${one as string | number | boolean}`);
  }
  return query.size > 0 ? `?${query}` : "";
}

/** @throws TypeError when a part of the path is missing */
export function requestOf(
  { method, path, takesKey, takesVersion, inHeader = {} }: Operation,
  input: Input = {},
  options: CallOptions = {},
): Request {
  const rest: Record<string, unknown> = { ...input };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const { [name]: value } = rest;
    if (value === undefined || value === "") throw new TypeError(`${method} ${path} needs "${name}".`);
    delete rest[name];
    return encodeURIComponent(value as string | number);
  });
  const named: Record<string, string> = {};
  for (const [field, header] of Object.entries(inHeader)) {
    if (rest[field] !== undefined) named[header] = rest[field] as string;
    delete rest[field];
  }
  const { version } = rest;
  if (takesVersion) delete rest.version;
  const hasBody = method !== "GET" && Object.keys(rest).length > 0;
  return {
    method,
    target: method === "GET" ? filled + queryOf(rest) : filled,
    headers: {
      ...named,
      accept: options.accept ?? "application/json",
      ...(hasBody && { "content-type": "application/json" }),
      ...(takesKey && { "idempotency-key": options.idempotencyKey ?? crypto.randomUUID() }),
      // The gateway compares the version in front of the point only.
      ...(takesVersion && version !== undefined && { "if-match": `"${version as number}.client"` }),
    },
    ...(hasBody && { body: JSON.stringify(rest) }),
    isRepeatable: IDEMPOTENT.has(method) || takesKey === true,
  };
}
