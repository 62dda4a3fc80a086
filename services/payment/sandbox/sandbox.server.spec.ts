/**
 * The sandbox as a process of its own: who may ask, what a crash leaves, and a provider that says nothing.
 * @databases sqlite: the provider keeps its books in a file of its own
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "#core/id.ts";
import { ProviderProcess } from "../../../test/support/systems/provider.ts";
import { won } from "../../../test/support/systems/payment-service.ts";
import { type ProviderWithLedger, withTimeLimit } from "../payment.provider.ts";

const key = "key-of-the-spec";
process.env.PAYMENT_SANDBOX_KEY = key;
const folder = mkdtempSync(join(tmpdir(), "madang-provider-"));
let provider: ProviderProcess;
let client: ProviderWithLedger;

const authorize = (reference: string, idempotencyKey: string) =>
  client.authorize({ key: idempotencyKey, reference, amount: won(5000), token: "tok_success" });

beforeAll(async () => {
  const { sandboxClient } = await import("./sandbox.client.ts");
  provider = await ProviderProcess.start({ DATA_DIR: folder, PAYMENT_SANDBOX_LATE_ANSWER: "1000" });
  client = sandboxClient(provider.url);
});
afterAll(async () => {
  await client.close();
  await provider.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

describe("the sandbox over HTTP", () => {
  const post = async (path: string, body: string, authorization = `Bearer ${key}`) => {
    const answer = await fetch(`${provider.url}${path}`, { method: "POST", headers: { authorization }, body });
    return [answer.status, await answer.json()];
  };

  it("answers those only who have its key", async () => {
    expect(await post("/v1/retrieve", '"order"', "Bearer another")).toEqual([401, { code: "key_unknown" }]);
    expect((await fetch(`${provider.url}/livez`)).status).toBe(200);
  });

  it.each([
    ["/v1/retrieve", "{", 400, "json_malformed"],
    ["/v1/retrieve", `"${"x".repeat(70_000)}"`, 413, "request_too_large"],
    ["/v1/capture", JSON.stringify({ key: "k", charge: "c", amount: "1" }), 422, "request_invalid"],
    ["/v1/close", "{}", 404, "operation_unknown"],
    ["/v1/capture", JSON.stringify({ key: "k", charge: "c" }), 409, "charge_unknown"],
  ])("refuses POST %s %.20s with %i %s", async (path, body, status, code) => {
    expect(await post(path, body)).toEqual([status, { code }]);
  });

  it("has done what it has answered, and once, when it is killed in the middle", async () => {
    const asked = Array.from({ length: 300 }, () => ({ reference: newId(), idempotencyKey: newId() }));
    const answers = asked.map(({ reference, idempotencyKey }) => authorize(reference, idempotencyKey));
    await Promise.any(answers);
    await provider.end("SIGKILL");
    const first = await Promise.allSettled(answers);
    await provider.restart();
    for (const [index, { reference, idempotencyKey }] of asked.entries()) {
      const before = first[index]!;
      const kept = await client.retrieve({ reference });
      if (before.status === "fulfilled") expect(kept).toEqual(before.value);
      const again = await authorize(reference, idempotencyKey);
      if (kept) expect(again).toEqual(kept);
      expect((await client.ledger({ reference, limit: 10 })).items).toEqual([again]);
    }
  });

  it("ends when it is told to, after its answers", async () => {
    const answer = client.authorize({ key: newId(), reference: newId(), amount: won(1), token: "tok_timeout" });
    const reference = newId();
    await authorize(reference, newId());
    expect(await provider.end("SIGTERM")).toBe(0);
    expect(await answer).toMatchObject({ status: "authorized" });
    await expect(client.retrieve({ reference })).rejects.toThrow();
    await provider.restart();
    expect(await client.retrieve({ reference })).toMatchObject({ status: "authorized" });
  });
});

it("is unavailable, and its connection is given up, when it says nothing in time", async () => {
  const { sandboxClient } = await import("./sandbox.client.ts");
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const hole = createServer((socket) =>
    socket
      .on("close", () => resolve())
      .on("error", () => {})
      .resume(),
  );
  await once(hole.listen(0, "127.0.0.1"), "listening");
  const silent = sandboxClient(`http://127.0.0.1:${(hole.address() as { port: number }).port}`);
  const limited = withTimeLimit(silent, 100);
  await expect(limited.retrieve({ reference: newId() })).rejects.toMatchObject({
    type: "PAYMENT_PROVIDER_UNAVAILABLE",
  });
  await gone;
  hole.close();
});
