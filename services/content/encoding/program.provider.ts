/**
 * ffmpeg as a process that may do little: no network, no other file, and bounded time, memory and output. It reads what
 * strangers have made.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import type { Service } from "moleculer";
import { aptInstall } from "#mixins/node/apt.ts";
import { config } from "../content.config.ts";

type Logger = Service["logger"];
const execute = promisify(execFile);

export interface Programs {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** The command and arguments that come before either. */
  readonly sandbox: readonly string[];
}

interface Limits {
  /** Seconds for all of it. */
  readonly seconds: number;
  /** Seconds without a word: out of memory, it may wait for ever. */
  readonly silence: number;
  /** Bytes of each file that is written. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly cwd: string;
}

/** `full`: the disk is. `time`: it took too long. `failed`: the file cannot be read, or the program does not work. */
export class ProgramError extends Error {
  readonly kind: "full" | "time" | "failed";

  constructor(kind: ProgramError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

const succeeds = (command: string, ...args: readonly string[]): Promise<boolean> =>
  execute(command, args, { timeout: 10_000 }).then(
    () => true,
    () => false,
  );

/** The path of a program that runs: as the setting says, or from the PATH. */
async function found(name: string, chosen: string | null): Promise<string | undefined> {
  const { stdout } = await execute("sh", ["-c", 'command -v "$1"', "sh", chosen ?? name]).catch(() => ({ stdout: "" }));
  const path = stdout.trim();
  return path !== "" && (await succeeds(path, "-version")) ? path : undefined;
}

async function install(logger: Logger): Promise<void> {
  if (process.getuid?.() !== 0 || !(await succeeds("apt-get", "--version"))) return;
  logger.info("Installing ffmpeg with apt-get …");
  await execute(...aptInstall(["ffmpeg"])).catch(() => {});
}

let known: Promise<readonly string[]> | null = null;

/** What bounds a process on this machine, as far as it can; what it cannot is told once. */
export const sandbox = (logger: Logger): Promise<readonly string[]> => (known ??= findSandbox(logger));

/** The command that comes before ffmpeg. What this machine lacks is told in a sentence. @param runs whether a command works */
export async function findSandbox(logger: Logger, runs = succeeds): Promise<readonly string[]> {
  const parts: string[] = [];
  const lacks: string[] = [];
  const ways = [
    ["unshare", "-n"],
    ["unshare", "-rn"],
  ] as const;
  const [asRoot, asUser] = await Promise.all(ways.map(([command, flag]) => runs(command, flag, "true")));
  if (asRoot || asUser) parts.push(...ways[asRoot ? 0 : 1]);
  else lacks.push("it keeps the network, of which it opens nothing by its list of protocols");
  if (await runs("setpriv", "--pdeathsig", "KILL", "true")) parts.push("setpriv", "--pdeathsig", "KILL");
  else lacks.push("it outlives this process when that is killed");
  if (await runs("prlimit", "--version")) parts.push("prlimit", `--as=${config.CONTENT_ENCODER_MEMORY * 2 ** 20}`);
  else lacks.push("its memory is not bounded");
  if (lacks.length > 0) logger.warn(`ffmpeg cannot be shut in wholly on this machine: ${lacks.join(", ")}.`);
  return parts;
}

const HOW = "install it (on Debian: apt-get install ffmpeg; else https://ffmpeg.org) or set FFMPEG_BIN and FFPROBE_BIN";

/** Null where there is none, which is told in a sentence. */
export async function findPrograms(logger: Logger): Promise<Programs | null> {
  const look = () => Promise.all([found("ffmpeg", config.FFMPEG_BIN), found("ffprobe", config.FFPROBE_BIN)]);
  let [ffmpeg, ffprobe] = await look();
  const isChosen = config.FFMPEG_BIN !== null || config.FFPROBE_BIN !== null;
  if ((!ffmpeg || !ffprobe) && !isChosen) {
    await install(logger);
    [ffmpeg, ffprobe] = await look();
  }
  if (ffmpeg && ffprobe) return { ffmpeg, ffprobe, sandbox: await sandbox(logger) };
  logger.warn(`Films are not encoded by this node, because ffmpeg was not found: ${HOW}. Everything else works.`);
  return null;
}

/** Nothing of the settings of this process, which are secret. */
const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
/** Characters of what it says, and of what it is asked for. */
const LONGEST_COMPLAINT = 2000;
const LONGEST_ANSWER = 8 * 2 ** 20;

/**
 * Runs ffmpeg or ffprobe in a folder, and answers what it says.
 * @throws ProgramError; the reason of the signal when that fires
 */
export async function run(
  { sandbox, ...programs }: Programs,
  name: "ffmpeg" | "ffprobe",
  args: readonly string[],
  { seconds, silence, bytes, signal, cwd }: Limits,
): Promise<string> {
  signal.throwIfAborted();
  const bounded = sandbox.includes("prlimit") ? [...sandbox, `--fsize=${bytes}`] : sandbox;
  const [command, ...rest] = [...bounded, "nice", "-n", String(config.CONTENT_ENCODER_NICE), programs[name], ...args];
  const child = spawn(command!, rest, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let isLate = false;
  const tooLate = () => ((isLate = true), child.kill("SIGKILL"));
  const whole = setTimeout(tooLate, seconds * 1000);
  const word = setTimeout(tooLate, silence * 1000);
  child.stdout.on("data", () => word.refresh());
  const stop = () => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [answer, complaint, code] = await Promise.all([read(child, "stdout"), read(child, "stderr"), ended(child)]);
    signal.throwIfAborted();
    if (isLate)
      throw new ProgramError("time", `${name} took more than ${seconds} s, or said nothing for ${silence} s.`);
    if (code !== 0) throw new ProgramError(kindOf(complaint), complaint.trim() || `${name} ended with ${code}.`);
    return answer;
  } finally {
    clearTimeout(whole);
    clearTimeout(word);
    signal.removeEventListener("abort", stop);
  }
}

const kindOf = (complaint: string): ProgramError["kind"] =>
  /No space left on device|Disk quota exceeded/.test(complaint) ? "full" : "failed";

/** The end of a complaint, and the beginning of an answer. */
async function read(child: ChildProcess, from: "stdout" | "stderr"): Promise<string> {
  let text = "";
  child[from]!.setEncoding("utf8");
  for await (const piece of child[from]! as AsyncIterable<string>) {
    text = from === "stderr" ? (text + piece).slice(-LONGEST_COMPLAINT) : text + piece;
    if (text.length > LONGEST_ANSWER) child.kill("SIGKILL");
  }
  return text;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new ProgramError("failed", error.message)));
    child.once("close", resolve);
  });
