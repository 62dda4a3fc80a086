import { acceptedUrl, mayReach, networkOf } from "./public-host.ts";

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
