/** Requests to the API as the person who has signed in. Both tokens stay in this tab. */
import { language } from "./words.js";

const KEY = "madang-watch";

export const session = () => JSON.parse(sessionStorage.getItem(KEY) ?? "null");

function keep(value) {
  if (value) sessionStorage.setItem(KEY, JSON.stringify(value));
  else sessionStorage.removeItem(KEY);
}

export const leave = () => keep(undefined);

/** What the API refused, with its code and what it says of it. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ? `${problem.title}. ${problem.detail}` : problem.title);
    this.problem = problem;
  }
}

async function send(method, path, body, token, more = {}) {
  const headers = { "accept-language": language };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token) headers.authorization = `Bearer ${token}`;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: { ...headers, ...more.headers },
    ...sent,
    keepalive: more.keepalive,
  });
  const text = await answer.text();
  const read = text === "" ? null : JSON.parse(text);
  if (!answer.ok) throw new Refusal(read ?? { title: answer.statusText, status: answer.status });
  return read;
}

const tokensOf = ({ accessToken, refreshToken }) => ({ accessToken, refreshToken });

/** Answers the challenge of an account with a second factor, for which a code is still needed; else null. */
export async function signIn(email, password) {
  try {
    keep({ email, ...tokensOf(await send("POST", "/sessions", { email, password })) });
    return null;
  } catch (error) {
    if (error.problem?.code !== "USER_SECOND_FACTOR_REQUIRED") throw error;
    return error.problem.challenge;
  }
}

export async function completeSignIn(email, challenge, secondCode) {
  keep({ email, ...tokensOf(await send("POST", "/sessions/second-factor", { challenge, secondCode })) });
}

let renewing;

/** A refresh token is good once, so those who need it at the same moment wait for one answer. */
function renew() {
  const own = session();
  renewing ??= send("POST", "/sessions/refresh", { refreshToken: own.refreshToken })
    .then((answer) => keep({ ...own, ...tokensOf(answer) }))
    .finally(() => (renewing = undefined));
  return renewing;
}

/** @param more `keepalive` for what is sent while the page closes, and `headers` */
export async function ask(method, path, body, more) {
  try {
    return await send(method, path, body, session()?.accessToken, more);
  } catch (error) {
    if (error.problem?.status !== 401 || !session()) throw error;
  }
  try {
    await renew();
  } catch (error) {
    leave();
    throw error;
  }
  return send(method, path, body, session().accessToken, more);
}

/** The items of a list's first page. */
export const list = async (path) => (await ask("GET", path)).items;

/** Those of a shop that runs on the reader's own machine; none anywhere else. */
export async function demoAccounts() {
  const answer = await fetch("/docs/demo-accounts").catch(() => undefined);
  return answer?.ok ? (await answer.json()).items : [];
}
