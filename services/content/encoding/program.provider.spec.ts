/** ffmpeg may do little, whatever its arguments say. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Service } from "moleculer";

Object.assign(process.env, { CONTENT_ENCODER_MEMORY: "512", CONTENT_ENCODER_NICE: "0" });
process.env.SECRET_OF_THE_NODE = "hunter2";
const { findPrograms, findSandbox, run } = await import("./program.provider.ts");

const cwd = mkdtempSync(join(tmpdir(), "madang-program-"));
afterAll(() => rmSync(cwd, { recursive: true }));
const warnings: string[] = [];
const logger = { warn: (text: string) => void warnings.push(text), info: () => {} } as unknown as Service["logger"];
const programs = (await findPrograms(logger))!;
/** What this machine lacks must have been told when the programs were found; the rest must hold. */
const [told] = warnings;
const has = (tool: "unshare" | "prlimit"): boolean => programs.sandbox.includes(tool);

const { signal } = new AbortController();
const limits = { seconds: 600, silence: 600, bytes: 2 ** 24, signal, cwd };
const ffmpeg = (args: string, more: Partial<typeof limits> = {}) =>
  run(programs, "ffmpeg", ["-v", "error", ...args.split(" ")], { ...limits, ...more });
const ENDLESS = "-f lavfi -i testsrc2=size=640x360:rate=25";

it("has no network, also where its arguments name an address, or its node says so", async () => {
  if (!has("unshare")) return expect(told).toContain("it keeps the network");
  const asked: string[] = [];
  const server = createServer((req, res) => res.end(void asked.push(req.url!))).listen(0, "127.0.0.1");
  await new Promise((resolve) => void server.once("listening", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/film.mp4`;
  await expect(ffmpeg(`-i ${address} -f null -`)).rejects.toMatchObject({ kind: "failed" });
  expect(asked).toEqual([]);
  server.close();
});

it("is stopped when it runs for too long, says nothing, or is not wanted any more", async () => {
  const sleeping = run({ ...programs, ffmpeg: "/bin/sleep" }, "ffmpeg", ["600"], { ...limits, silence: 0.3 });
  await expect(sleeping).rejects.toMatchObject({ kind: "time" });
  await expect(ffmpeg(`${ENDLESS} -f null -`, { seconds: 0.3 })).rejects.toMatchObject({ kind: "time" });
  const stop = new AbortController();
  const running = ffmpeg(`${ENDLESS} -f null -`, { signal: stop.signal });
  stop.abort(new Error("Cancelled."));
  await expect(running).rejects.toThrow("Cancelled.");
});

it("writes no file beyond its bound, and takes no more memory than it may, or its node says so", async () => {
  if (!has("prlimit")) return expect(told).toContain("its memory is not bounded");
  await expect(ffmpeg(`${ENDLESS} -f rawvideo endless.raw`, { bytes: 1_000_000 })).rejects.toBeInstanceOf(Error);
  expect(statSync(join(cwd, "endless.raw")).size).toBeLessThanOrEqual(1_000_000);
  const bounds = await run({ ...programs, ffmpeg: "/bin/sh" }, "ffmpeg", ["-c", "ulimit -v"], limits);
  expect(Number(bounds)).toBe(512 * 1024);
});

it("knows nothing of the settings of its node", async () => {
  const text = await run({ ...programs, ffmpeg: "/usr/bin/env" }, "ffmpeg", [], limits);
  expect(text).toContain("PATH=");
  expect(text).not.toContain("hunter2");
});

it("says in one sentence what a machine lacks", async () => {
  expect(await findSandbox(logger, () => Promise.resolve(false))).toEqual([]);
  expect(warnings.at(-1)).toBe(
    "ffmpeg cannot be shut in wholly on this machine: it keeps the network, of which it opens nothing by its list of " +
      "protocols, it outlives this process when that is killed, its memory is not bounded.",
  );
});
