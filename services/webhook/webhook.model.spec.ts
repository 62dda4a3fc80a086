import { DAY } from "#core/clock.ts";
import { networkOf } from "#mixins/http/public-host.ts";
import {
  acceptedUrl,
  afterAttempt,
  disabledBefore,
  mayReach,
  messageOf,
  secretOf,
  signatures,
} from "./webhook.model.ts";

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

describe("acceptedUrl", () => {
  const none: never[] = [];
  const inside = [networkOf("10.1.0.0/16")!, networkOf("fd00:1::/32")!];

  it.each([
    ["https://shop.example.com/hooks?a=b", "https://shop.example.com/hooks?a=b"],
    ["https://SHOP.example.com:443/", "https://shop.example.com/"],
    ["https://shop.example.com:8443/", "https://shop.example.com:8443/"],
    ["https://8.8.8.8/", "https://8.8.8.8/"],
    ["https://[2001:4860:4860::8888]/", "https://[2001:4860:4860::8888]/"],
  ])("takes %s", (text, normal) => expect(acceptedUrl(text, none)).toBe(normal));

  it.each([
    "nonsense",
    "ftp://shop.example.com/",
    "http://shop.example.com/",
    "http://8.8.8.8/",
    "https://user@shop.example.com/",
    "https://user:secret@shop.example.com/",
    "https://shop.example.com/#part",
    "https://localhost/",
    "https://nats/",
    "https://metadata.google.internal/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://10.1.2.3/",
    "https://169.254.169.254/latest",
    "https://100.64.0.1/",
    "https://192.168.0.1./",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[2002:a00:1::1]/",
    "https://[::7f00:1]/",
    "https://[ff02::1]/",
  ])("refuses %s", (text) => expect(acceptedUrl(text, none)).toBeUndefined());

  it("takes what operators allow, by plain http too, and nothing beyond it", () => {
    for (const text of ["http://10.1.2.3/", "https://10.1.2.3:8443/", "http://[fd00:1::1]/", "http://receiver/"])
      expect(acceptedUrl(text, inside)).toBe(text);
    for (const text of ["http://10.2.0.1/", "https://10.2.0.1/", "http://8.8.8.8/", "http://[fd00:2::1]/"])
      expect(acceptedUrl(text, inside)).toBeUndefined();
  });
});

describe("mayReach", () => {
  it("looks at the address that a name has now", () => {
    const inside = [networkOf("10.1.0.0/16")!];
    expect(["8.8.8.8", "10.1.0.1", "10.2.0.1"].map(mayReach(new URL("https://a.example"), inside))).toEqual([
      true,
      true,
      false,
    ]);
    expect(["8.8.8.8", "10.1.0.1"].map(mayReach(new URL("http://a.example"), inside))).toEqual([false, true]);
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
