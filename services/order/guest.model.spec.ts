import { newId } from "#core/id.ts";
import { guestIdOf, linkOf, readToken, writeToken } from "./guest.model.ts";

describe("the token of a guest's order", () => {
  it("names its order, and no other one's token does", () => {
    const [id, other] = [newId(), newId()];
    const token = writeToken(id);
    expect(token).toMatch(/^[\w-]{64}$/);
    expect(readToken(token)).toBe(id);
    expect(writeToken(id)).toBe(token);
    const forged = Buffer.concat([
      Buffer.from(other.replaceAll("-", ""), "hex"),
      Buffer.from(token, "base64url").subarray(16),
    ]);
    for (const wrong of ["", "x".repeat(64), `${token}x`, forged.toString("base64url"), id])
      expect(readToken(wrong)).toBeNull();
  });

  it("stands behind the # of the link, which no server is sent", () => {
    const link = new URL(linkOf("https://shop.example.com/order?from=mail", "M-2026-004217", "abc")!);
    expect([link.search, link.hash]).toEqual(["?from=mail", "#order=M-2026-004217&token=abc"]);
    expect(linkOf(null, "M-2026-004217", "abc")).toBeNull();
  });
});

describe("the person whom a guest counts as", () => {
  it("is the same for each request with a token, another for another one, and no account", () => {
    expect(guestIdOf("a")).toBe(guestIdOf("a"));
    expect(guestIdOf("a")).not.toBe(guestIdOf("b"));
    expect(guestIdOf("a")).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
  });
});
