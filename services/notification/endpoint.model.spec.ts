import { publicEndpoint } from "./endpoint.model.ts";

describe("publicEndpoint", () => {
  it.each([
    ["https://fcm.googleapis.com/fcm/send/abc:def", "https://fcm.googleapis.com/fcm/send/abc:def"],
    ["https://push.example.test/1", "https://push.example.test/1"],
    ["https://PUSH.example.test:443/1?a=b", "https://push.example.test/1?a=b"],
    ["https://web.push.apple.com/QA", "https://web.push.apple.com/QA"],
  ])("takes %s", (endpoint, normal) => expect(publicEndpoint(endpoint)).toBe(normal));

  it.each([
    "http://push.example.com/1",
    "ftp://push.example.com/1",
    "https://push.example.com:8443/1",
    "https://user@push.example.com/1",
    "https://user:secret@push.example.com/1",
    "https://localhost/1",
    "https://LOCALHOST./1",
    "https://a.localhost/1",
    "https://nats/1",
    "https://printer.local/1",
    "https://metadata.google.internal/1",
    "https://127.0.0.1/1",
    "https://127.1/1",
    "https://0x7f000001/1",
    "https://2130706433/1",
    "https://0177.0.0.1/1",
    "https://１２７.0.0.1/1",
    "https://10.0.0.1/1",
    "https://169.254.169.254/latest",
    "https://192.168.0.1./1",
    "https://8.8.8.8/1",
    "https://[::1]/1",
    "https://[::ffff:127.0.0.1]/1",
    "https://[fe80::1]/1",
    "https:///1",
    "nonsense",
  ])("refuses %s, in both languages", (endpoint) => {
    for (const language of ["en", "ko"] as const) {
      expect(() => publicEndpoint(endpoint, [], language)).toThrow(
        expect.objectContaining({
          type: "VALIDATION_FAILED",
          data: {
            errors: [{ pointer: "/endpoint", detail: expect.stringMatching(language === "en" ? /push/ : /[가-힣]/) }],
          },
        }),
      );
    }
  });
});
