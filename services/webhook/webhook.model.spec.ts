import { DAY } from "#core/clock.ts";
import { afterAttempt, disabledBefore, messageOf, secretOf, signatures } from "./webhook.model.ts";

const answered = (status: number | null, retryAfter?: string) => ({ status, error: null, retryAfter });

describe("signatures", () => {
  it("are those of the example of standardwebhooks.com", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    expect(signatures([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, '{"test": 2432232314}')).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });

  it("are two while a secret is replaced", () => {
    const secrets = [secretOf(Buffer.alloc(32, 1)), secretOf(Buffer.alloc(32, 2))];
    const [one, two] = secrets.map((secret) => signatures([secret], "id", 1, "{}"));
    expect(signatures(secrets, "id", 1, "{}")).toBe(`${one} ${two}`);
  });
});

describe("afterAttempt", () => {
  it("tries again for almost a day, later each time, and then gives up", () => {
    let [time, attempts] = [0, 0];
    for (;;) {
      const { status, next_at, attempts: made } = afterAttempt(attempts, answered(500), time, 0.5);
      expect(made).toBe(attempts + 1);
      attempts = made;
      if (next_at === null) {
        expect(status).toBe("failed");
        break;
      }
      expect(next_at).toBeGreaterThan(time);
      time = next_at;
    }
    expect(attempts).toBe(8);
    expect(time / DAY).toBeCloseTo(0.98, 1);
  });

  it.each([200, 204, 299])("ends with %d", (status) =>
    expect(afterAttempt(2, answered(status), 0, 0)).toEqual({ status: "delivered", attempts: 3, next_at: null }),
  );

  it.each([null, 100, 301, 302, 400, 404, 429, 503])("tries again after %p", (status) =>
    expect(afterAttempt(0, answered(status), 1000, 0)).toEqual({ status: "waiting", attempts: 1, next_at: 5500 }),
  );

  it("waits as long as the receiver asks, and not for what is no number of seconds", () => {
    const next = (retryAfter: string) => afterAttempt(0, answered(503, retryAfter), 0, 0).next_at;
    expect(["60", "0", "-1", "9999999", "soon"].map(next)).toEqual([60_000, 4500, 4500, 4500, 4500]);
  });

  it("gives up at once what is gone, and its endpoint with it", () => {
    expect(afterAttempt(0, answered(410), 0, 0)).toMatchObject({ status: "failed", next_at: null });
    expect(disabledBefore(answered(410), 7 * DAY)).toBe(7 * DAY);
    expect(disabledBefore(answered(500), 7 * DAY)).toBe(2 * DAY);
  });
});

describe("messageOf", () => {
  const event = { id: "1", version: 1, time: "2026-01-31T00:00:00.000Z" };

  it("says whom it is about, unless that person has left", () => {
    const about = (type: string, data: object) => messageOf({ ...event, type, data }).user_id;
    expect(about("order.placed", { userId: "u" })).toBe("u");
    expect(about("content.published", { videoId: "v" })).toBeNull();
    expect(about("user.deleted", { userId: "u" })).toBeNull();
  });
});
