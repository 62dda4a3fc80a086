import { Errors } from "moleculer";
import { isError, isRefusal, type Kind, kinds, notFound, sharedError, sharedErrors, toError } from "./errors.ts";

describe("toError", () => {
  it("carries the stable code, the status of its kind and what the client may know", () => {
    const error = toError(
      "ORDER_NOT_FOUND",
      notFound("No order", "주문 없음", "Look elsewhere.", "다른 곳을 확인해 주세요."),
      { id: "o1" },
    );
    expect(error).toBeInstanceOf(Errors.MoleculerError);
    expect(error).toMatchObject({
      type: "ORDER_NOT_FOUND",
      code: 404,
      message: "No order",
      data: { id: "o1" },
      retryable: false,
    });
  });

  it.each(Object.keys(kinds) as Kind[])("may be retried when %s says so", (kind) => {
    const error = toError("X", { kind, title: { en: "x", ko: "x" }, advice: { en: "y", ko: "y" } });
    expect([error.code, error.retryable]).toEqual([kinds[kind].code, kinds[kind].retryable]);
  });
});

describe("sharedErrors", () => {
  it("have a title in every language", () => {
    for (const { title } of Object.values(sharedErrors)) {
      expect(title.en).toMatch(/^[\x20-\x7e]+$/);
      expect(title.ko).toMatch(/[가-힣]/);
    }
  });
});

describe("isError", () => {
  it("knows an error by its code, also after it has travelled", () => {
    const error = sharedError("NOT_FOUND");
    const travelled = JSON.parse(JSON.stringify(error)) as unknown;
    expect([error, travelled].map((one) => isError(one, "NOT_FOUND"))).toEqual([true, true]);
    expect([new Error("NOT_FOUND"), null, undefined, "NOT_FOUND"].some((one) => isError(one, "NOT_FOUND"))).toBe(false);
  });
});

describe("isRefusal", () => {
  it.each<[string, unknown]>([
    ["a rule", sharedError("NOT_FOUND")],
    ["a conflict", sharedError("STALE_VERSION")],
    ["a request that is not valid", sharedError("VALIDATION_FAILED")],
  ])("is true for %s", (_, error) => expect(isRefusal(error)).toBe(true));

  it.each<[string, unknown]>([
    ["a fault", new TypeError("x is undefined")],
    ["a storage fault", sharedError("STORAGE_UNAVAILABLE")],
    ["a time-out", new Errors.RequestTimeoutError({ action: "x", nodeID: "n" })],
    ["a service that is away", new Errors.ServiceNotFoundError({ action: "x" })],
    ["a service that is not available", new Errors.ServiceNotAvailableError({ action: "x" })],
    ["too many requests", sharedError("RATE_LIMITED")],
    ["a first request that still runs", sharedError("IDEMPOTENCY_IN_PROGRESS")],
    ["a code that is no status", Object.assign(new Error("refused"), { code: "ECONNREFUSED" })],
  ])("is false for %s", (_, error) => expect(isRefusal(error)).toBe(false));
});
