import { clientAddress } from "./address.ts";

describe("the client's address", () => {
  const of = (remoteAddress: string, proxies: number, forwarded?: string) =>
    clientAddress({ remoteAddress }, forwarded, proxies);

  it("is the connection's, whatever a header claims", () => {
    expect(of("192.0.2.1", 0, "203.0.113.9")).toBe("192.0.2.1");
  });

  it("is what the trusted proxies saw", () => {
    expect(of("10.0.0.1", 1, "198.51.100.66, 203.0.113.9")).toBe("203.0.113.9");
    expect(of("10.0.0.1", 2, "198.51.100.66, 203.0.113.9, 10.0.0.2")).toBe("203.0.113.9");
    expect(of("10.0.0.1", 1)).toBe("10.0.0.1");
  });

  it.each([
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::7", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["2001:DB8:0:0::7", "2001:db8:0:0"],
    ["2001:0db8:0000:0000:1:2:3:4", "2001:db8:0:0"],
    ["2001:db8::7%eth0", "2001:db8:0:0"],
    ["2001:db8::192.0.2.1", "2001:db8:0:0"],
    ["", ""],
  ])("of %s counts as %s", (address, key) => {
    expect(of(address, 0)).toBe(key);
  });

  it.each([
    ["203.0.113.2", "203.0.113.2"],
    [" 203.0.113.2:40001 ", "203.0.113.2"],
    ["[2001:db8::7]", "2001:db8:0:0"],
    ["[2001:DB8::7]:443", "2001:db8:0:0"],
    ["[fe80::1%25eth0]:80", "fe80:0:0:0"],
    ["[::ffff:203.0.113.2]:40001", "203.0.113.2"],
    ["::ffff:203.0.113.2", "203.0.113.2"],
  ])("that a proxy wrote as %s counts as %s", (entry, key) => {
    expect(of("10.0.0.1", 1, `198.51.100.66, ${entry}`)).toBe(key);
  });

  it.each(["unknown", "_hidden", "", "203.0.113", "203.0.113.2:x", "[::1", "0x7f.1", "1"])(
    "is the proxy's own when it wrote %s",
    (entry) => {
      expect(of("10.0.0.1", 1, `198.51.100.66, ${entry}`)).toBe("10.0.0.1");
    },
  );
});
