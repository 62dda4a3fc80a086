/** The caller of a request: the limits that apply, the access token, and calls to services on the caller's behalf. */
import type { CallingOptions } from "moleculer";
import type { Caller, Meta } from "#core/context.ts";
import { isApiKey } from "#core/api-key.ts";
import { isError, sharedError } from "#core/errors.ts";
import type { Language } from "#core/text.ts";
import { authorize, type Guarded } from "../middlewares/auth.middleware.ts";
import type { Tokens } from "../node/tokens.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { Admission, Count, OwnLimit } from "./admission.ts";
import type { Trace } from "./trace.ts";

const BEARER = /^bearer +([\w~+/.-]+=*)$/i;

export interface Admitted {
  readonly token: string | undefined;
  readonly caller: Caller | undefined;
}

const nobody: Admitted = { token: undefined, caller: undefined };

/** @throws TOKEN_INVALID when the header holds anything but a bearer token */
function bearerToken(authorization: string): string {
  const found = BEARER.exec(authorization);
  if (!found) throw sharedError("TOKEN_INVALID");
  return found[1]!;
}

async function ofToken({ tokens }: Entrance, token: string): Promise<Admitted> {
  return { token, caller: tokens.known(token) ?? (await tokens.person(token)) };
}

/** Services get a token in the key's place. One that ended early is asked for anew, which tells whether its key did too. */
async function ofKey(entrance: Entrance, key: string): Promise<Admitted> {
  try {
    return await ofToken(entrance, await entrance.keys.tokenOf(key));
  } catch (error) {
    if (!isError(error, "SESSION_ENDED") && !isError(error, "TOKEN_EXPIRED")) throw error;
    entrance.keys.forget(key);
    return ofToken(entrance, await entrance.keys.tokenOf(key));
  }
}

/**
 * Finds the caller. On a public action an invalid token is ignored: the action does not need it, so a client does not
 * have to remove it first.
 * @throws TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, API_KEY_INVALID
 */
async function callerOf(entrance: Entrance, authorization: string, auth: Guarded["auth"]): Promise<Admitted> {
  try {
    const token = bearerToken(authorization);
    return await (isApiKey(token) ? ofKey(entrance, token) : ofToken(entrance, token));
  } catch (error) {
    if (auth === "public") return nobody;
    throw error;
  }
}

/** The parts of a gateway that admit requests. */
export interface Entrance {
  readonly admission: Admission;
  readonly tokens: Tokens;
  readonly keys: ApiKeys;
}

/** A request that says who sends it. */
export interface Identified extends OwnLimit {
  readonly auth: Guarded["auth"];
  /** `Bearer` and the access token or API key. */
  readonly authorization: string | undefined;
}

/**
 * Counts a request against its limits, and identifies the caller, whatever they may do.
 * @throws RATE_LIMITED, TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, API_KEY_INVALID
 */
export async function identify(entrance: Entrance, count: Count, asked: Identified): Promise<Admitted> {
  const { admission } = entrance;
  const { auth, authorization } = asked;
  admission.address(count, asked);
  const asking = authorization === undefined ? nobody : await callerOf(entrance, authorization, auth);
  const admitted = admission.admit(count, asking.caller ?? null);
  if (admitted) await admitted;
  return asking;
}

/** A request for an action. */
export interface Asked extends Identified, Pick<Guarded, "seenByStaff"> {
  /** The action whose permission it needs, where that is not `of`. */
  readonly permission?: string;
}

/**
 * Identifies the caller, who must also be allowed to do this.
 * @throws what `identify` throws, UNAUTHENTICATED, FORBIDDEN, PERMISSION_MISSING, PERSON_REQUIRED
 */
export async function admit(entrance: Entrance, count: Count, asked: Asked): Promise<Admitted> {
  const asking = await identify(entrance, count, asked);
  const { auth, of, permission: name = of, seenByStaff = false } = asked;
  authorize({ auth, name, seenByStaff }, asking.caller);
  return asking;
}

export interface Request {
  readonly trace: Trace;
  readonly language: Language | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly region: string | undefined;
}

export function callingOptions(
  { trace, language, region }: Request,
  token: string | undefined,
  idempotencyKey: string | undefined,
): CallingOptions & { meta: Meta } {
  const { traceId, parent } = trace;
  const meta: Meta = {};
  if (token !== undefined) meta.accessToken = token;
  if (language !== undefined) meta.language = language;
  if (region !== undefined) meta.region = region;
  const options: CallingOptions & { meta: Meta } = { requestID: traceId, meta };
  if (parent) options.parentSpan = { id: parent.id, traceID: traceId, sampled: parent.sampled };
  if (idempotencyKey !== undefined) options.headers = { "idempotency-key": idempotencyKey };
  return options;
}

/** The most characters of a program's name. */
const LONGEST_AGENT = 300;

/** What an action with a limit of its own learns of its caller: there a secret may be guessed, or somebody signs in. */
export function tellSender(meta: Meta, network: string, agent: string | undefined): void {
  meta.network = network;
  if (agent) meta.agent = agent.slice(0, LONGEST_AGENT);
}
