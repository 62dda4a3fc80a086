import { afterFailure, shownName, Undeliverable } from "./notification.model.ts";

const patience = { attempts: 3, delay: 1000, now: 5000 };

describe("afterFailure", () => {
  it("queues again after pauses that double up to an hour", () => {
    const pauses = [0, 1, 2, 20].map(
      (made) => afterFailure(made, new Error("x"), { ...patience, attempts: 99 }).next_at! - 5000,
    );
    expect(pauses).toEqual([1000, 2000, 4000, 3_600_000]);
  });

  it("fails when patience has ended", () => {
    expect(afterFailure(2, new Error("x"), patience)).toMatchObject({ status: "failed", attempts: 3, next_at: null });
  });

  it("waits without losing patience for a service of ours that is away", () => {
    const away = Object.assign(new Error("x"), { code: 503, type: "SERVICE_NOT_AVAILABLE", retryable: true });
    expect(afterFailure(2, away, patience)).toMatchObject({ status: "queued", attempts: 2, next_at: 6000 });
  });

  it("fails at once when asking again is useless", () => {
    const refusal = Object.assign(new Error("550 <mina@example.com> unknown"), {
      code: "EENVELOPE",
      responseCode: 550,
    });
    const outcome = afterFailure(0, new Undeliverable("refused", { cause: refusal }), patience);
    expect(outcome).toMatchObject({ status: "failed", attempts: 1, error: "EENVELOPE 550" });
  });

  it("keeps the code of an error, never its message", () => {
    expect(afterFailure(0, Object.assign(new Error("mina@example.com"), { code: "ECONNECTION" }), patience).error).toBe(
      "ECONNECTION",
    );
    expect(
      afterFailure(0, Object.assign(new Error("x"), { code: 503, type: "SERVICE_UNAVAILABLE" }), patience).error,
    ).toBe("SERVICE_UNAVAILABLE");
    expect(afterFailure(0, new TypeError("mina@example.com"), patience).error).toBe("TypeError");
  });
});

describe("shownName", () => {
  it.each([
    ["김미나", "김미나"],
    ["J.R.R. O'Brien", "J.R.R. O'Brien"],
    ["Mina\r\nBcc: x", null],
    ["Mina\n\n  Kim", "Mina Kim"],
    ["Win at evil.example", null],
    ["https://evil", null],
    ["mina@evil", null],
    [" ", null],
    ["가".repeat(100), `${"가".repeat(39)}…`],
    ["👩‍👩‍👧‍👦".repeat(41), `${"👩‍👩‍👧‍👦".repeat(39)}…`],
  ])("of %j is %j", (name, shown) => expect(shownName(name)).toBe(shown));
});
