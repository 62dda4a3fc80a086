/** The caller of a request: the limits that apply, the access token, and calls to services on the caller's behalf. */
import type { CallingOptions } from "moleculer";
import type { Access } from "#core/contract.ts";
import type { Caller, Meta } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import type { Language } from "#core/text.ts";
import { authorize } from "../middlewares/auth.middleware.ts";
import type { Tokens } from "../node/tokens.ts";
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

/**
 * Finds the caller. On a public action an invalid token is ignored: the action does not need it, so a client does not
 * have to remove it first.
 * @throws TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED
 */
async function callerOf(tokens: Tokens, authorization: string, auth: Access): Promise<Admitted> {
  try {
    const token = bearerToken(authorization);
    return { token, caller: tokens.known(token) ?? (await tokens.person(token)) };
  } catch (error) {
    if (auth === "public") return nobody;
    throw error;
  }
}

/** The parts of a gateway that admit requests. */
export interface Entrance {
  readonly admission: Admission;
  readonly tokens: Tokens;
}

export interface Asked extends OwnLimit {
  readonly auth: Access;
  /** `Bearer` and the access token. */
  readonly authorization: string | undefined;
}

/**
 * Counts a request against its limits, and identifies the caller.
 * @throws RATE_LIMITED, TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, UNAUTHENTICATED, FORBIDDEN
 */
export async function admit({ admission, tokens }: Entrance, count: Count, asked: Asked): Promise<Admitted> {
  const { auth, authorization } = asked;
  admission.address(count, asked);
  const asking = authorization === undefined ? nobody : await callerOf(tokens, authorization, auth);
  const admitted = admission.admit(count, asking.caller?.id ?? null);
  if (admitted) await admitted;
  authorize(auth, asking.caller);
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
