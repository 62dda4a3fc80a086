/** The answers, the failures of every kind and the deadlines of the gRPC gateway, seen by a standard gRPC client. */
import { sharedError } from "#core/errors.ts";
import { tokenOf } from "../../test/support/actors/people.ts";
import { valueOf } from "../../test/support/actors/grpc-client.ts";
import { type SampleGrpc, startGrpc } from "../../test/support/systems/sample-grpc.ts";

const of = (method: string) => `/madang.book.v1.BookService/${method}`;

let grpc: SampleGrpc;
let ann: string;
beforeAll(async () => {
  grpc = await startGrpc();
  ann = await tokenOf("ann", "customer");
});
afterAll(() => grpc.stop());

describe("a unary call", () => {
  it("is answered with what the action answers", async () => {
    const { body } = await grpc.client.call(of("Get"), { id: "1" });
    expect(body).toEqual({ id: "1", title: "Dune", version: 3 });
  });

  it("brings the caller, the key, the language and the trace to the action", async () => {
    const key = { "idempotency-key": "k-1" };
    const { body } = await grpc.client.call(of("Add"), { title: "Emma" }, { token: ann, metadata: key });
    expect(body).toMatchObject({ title: "Emma", key: "k-1" });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const metadata = { traceparent, "accept-language": "ko", "x-request-id": "r-1" };
    const asked = await grpc.client.call<object>(of("Who"), {}, { metadata });
    expect(valueOf(asked.body)).toEqual({ language: "ko", requestID: "0af7651916cd43dd8448eb211c80319c" });
    expect(asked.metadata["x-request-id"]).toBe("r-1");
    expect(asked.metadata["traceparent"]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-01$/);
  });

  it("says that an answer is a stored one", async () => {
    const sent = { token: ann, metadata: { "idempotency-key": "again" } };
    const { metadata } = await grpc.client.call(of("Add"), { title: "Emma" }, sent);
    expect(metadata["idempotent-replayed"]).toBe("true");
  });

  it("sends the version that its client has seen", async () => {
    const edited = await grpc.client.call(of("Edit"), { id: "1", title: "Emma", version: 3 });
    expect(edited.body).toMatchObject({ version: 4 });
    const failure = await grpc.client.failure(of("Edit"), { id: "1", title: "Emma", version: 2 });
    expect(failure).toMatchObject({ code: "ABORTED", reason: "STALE_VERSION" });
  });
});

describe("a failure", () => {
  const add = (request: object, sent: object = {}) =>
    grpc.client.failure(of("Add"), request, { token: ann, metadata: { "idempotency-key": "k-2" }, ...sent });

  it("of a rule names its reason and what goes with it", async () => {
    expect(await add({ title: "big" })).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: "There are too many books. Remove a book first.",
      reason: "BOOK_LIMIT_REACHED",
      domain: "madang",
      data: { room: "0" },
      violations: [],
      retryAfter: undefined,
      localized: undefined,
    });
  });

  it("is told in the person's language too", async () => {
    const metadata = { "idempotency-key": "k-2", "accept-language": "ko-KR" };
    const { message, localized } = await add({ title: "big" }, { metadata });
    expect(message).toBe("There are too many books. Remove a book first.");
    expect(localized).toEqual({ locale: "ko", message: "책이 너무 많습니다. 먼저 책을 하나 지워 주세요." });
  });

  it("of validation names each field", async () => {
    expect(await add({ title: "x".repeat(21) })).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "VALIDATION_FAILED",
      violations: [{ field: "title", description: expect.stringContaining("20") }],
    });
  });

  it("of a required key, of one that is none", async () => {
    for (const metadata of [{}, { "idempotency-key": "a b" }])
      expect(await add({ title: "x" }, { metadata })).toMatchObject({
        code: "INVALID_ARGUMENT",
        reason: "IDEMPOTENCY_KEY_REQUIRED",
      });
  });

  it.each([
    ["no token", {}, "UNAUTHENTICATED"],
    ["no bearer token", { authorization: "Basic x" }, "TOKEN_INVALID"],
    ["a token of nobody", { authorization: "Bearer x.y.z" }, "TOKEN_INVALID"],
  ])("of %s", async (_, metadata, reason) => {
    expect(await grpc.client.failure(of("Add"), {}, { metadata })).toMatchObject({ code: "UNAUTHENTICATED", reason });
  });

  it("of a role that is missing, and of what is not there", async () => {
    expect(await grpc.client.failure(of("Remove"), { id: "1" }, { token: ann })).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "FORBIDDEN",
    });
    expect(await grpc.client.failure(of("Get"), { id: "0" })).toMatchObject({ code: "NOT_FOUND", reason: "NOT_FOUND" });
  });

  it("that nobody foresaw keeps its message to itself", async () => {
    const failure = await grpc.client.failure(of("Fail"), {});
    expect(failure).toMatchObject({ code: "INTERNAL", reason: "INTERNAL_ERROR", data: {} });
    expect(JSON.stringify(failure)).not.toContain("hunter2");
    expect(failure.metadata["x-request-id"]).toMatch(/^[\da-f]{32}$/);
  });

  it("of bytes that are no message, of fields that nobody knows, and of too many bytes", async () => {
    const send = (bytes: Buffer) => grpc.client.send(of("Get"), bytes);
    expect(await send(Buffer.from([0x0a, 0xff]))).toBe(3);
    expect(await send(Buffer.from([0x0a, 0x01, 0xff]))).toBe(3);
    expect(await send(Buffer.from([0x0a, 0x01, 0x31, 0x78, 0x01]))).toBe(3);
    expect(await send(Buffer.alloc(20_000, 0x78))).toBe(8);
    expect(await send(Buffer.alloc(2_000_000, 0x78))).toBe(8);
  });

  it("of a service that is away may be asked again", async () => {
    const call = jest.spyOn(grpc.broker, "call").mockRejectedValueOnce(sharedError("SERVICE_UNAVAILABLE"));
    const failure = await grpc.client.failure(of("Get"), { id: "1" });
    call.mockRestore();
    expect(failure).toMatchObject({ code: "UNAVAILABLE", reason: "SERVICE_UNAVAILABLE", retryAfter: 2 });
  });

  it("of a limit says when to come back, and counts with the HTTP gateway's", async () => {
    await fetch(`${grpc.url}/api/v1/rare`);
    await grpc.client.call(of("Rare"), {});
    const failure = await grpc.client.failure(of("Rare"), {});
    expect(failure).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" });
    expect(failure.retryAfter).toBeGreaterThan(0);
  });

  it("of a method that is not there", async () => {
    expect(await grpc.client.send(of("Burn"), Buffer.alloc(0))).toBe(12);
  });
});

describe("a deadline", () => {
  it("of the contract ends a call that takes longer", async () => {
    expect(await grpc.client.failure(of("Sleep"), { ms: 60_000 })).toMatchObject({
      code: "DEADLINE_EXCEEDED",
      reason: "REQUEST_TIMEOUT",
    });
  });

  it("of the client shortens what the broker gives the call", async () => {
    const call = jest.spyOn(grpc.broker, "call");
    await grpc.client.call(of("Get"), { id: "1" }, { deadline: 50_000 });
    const { timeout } = call.mock.calls.at(-1)![2]!;
    await grpc.client.call(of("Get"), { id: "1" });
    const { timeout: without } = call.mock.calls.at(-1)![2]!;
    call.mockRestore();
    expect(timeout).toBeGreaterThan(0);
    expect(timeout).toBeLessThanOrEqual(50_000);
    expect(without).toBeUndefined();
  });
});
