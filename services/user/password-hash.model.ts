/**
 * Hashes passwords with argon2id in PHC format, only a few at a time, so that a burst of sign-ins exhausts neither the
 * memory nor the threads.
 */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { newId } from "#core/id.ts";
import { type Turn, Turns } from "./turn.model.ts";

interface Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's recommendation for argon2id. A password with other parameters is hashed again. */
const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Node computes on four threads, which files and name look-ups need too. */
const AT_ONCE = 2;
/** About as many as are done before their callers give up. */
const WAITING = 100;

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const turns = new Turns({ atOnce: AT_ONCE, waiting: WAITING });

/** Runs the task when this queue has its turn. @throws RATE_LIMITED when too many wait */
export const inTurn = <T>(turn: Turn, work: () => Promise<T>): Promise<T> => turns.take(turn, work);

/** A queue of its own for one task. */
const alone = (): Turn => ({ line: newId(), isKnown: false });

const compute = promisify(argon2);

/** Unicode has several spellings of one text (above all in Hangul), and keyboards differ in the one that they send. */
const derive = (password: string, salt: Buffer, tagLength: number, cost: Cost): Promise<Buffer> =>
  compute("argon2id", { message: password.normalize("NFKC"), nonce: salt, tagLength, ...cost });

const encode = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

function parse(stored: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const [, memory, passes, parallelism, salt = "", tag = ""] = PHC.exec(stored) ?? [];
  if (!tag) throw new Error("A stored password is not in PHC string format.");
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { cost, salt: Buffer.from(salt, "base64"), tag: Buffer.from(tag, "base64") };
}

const isCurrent = ({ memory, passes, parallelism }: Cost): boolean =>
  memory === COST.memory && passes === COST.passes && parallelism === COST.parallelism;

async function make(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive(password, salt, TAG_BYTES, COST);
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${encode(salt)}$${encode(tag)}`;
}

/**
 * Hashes a password for storage: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`.
 * @throws RATE_LIMITED when too many passwords wait to be hashed
 */
export const hashPassword = (password: string, turn: Turn = alone()): Promise<string> =>
  inTurn(turn, () => make(password));

/**
 * When the password is right, answers the hash to store from now on (the same, or a new one when the parameters have
 * changed), else null. Without a stored hash it takes the same time, so that nobody learns which accounts exist. Call
 * it within a turn.
 */
export async function verify(password: string, stored: string | undefined): Promise<string | null> {
  if (stored === undefined) {
    await make(password);
    return null;
  }
  const { cost, salt, tag } = parse(stored);
  if (!timingSafeEqual(await derive(password, salt, tag.length, cost), tag)) return null;
  return isCurrent(cost) ? stored : make(password);
}

/** The same, within a turn of its own. @throws RATE_LIMITED when too many passwords wait to be hashed */
export const verifyPassword = (password: string, stored: string | undefined): Promise<string | null> =>
  inTurn(alone(), () => verify(password, stored));
