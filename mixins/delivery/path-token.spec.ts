import fc from "fast-check";
import { deriveKey, type Grant, mint, redacted, verify } from "./path-token.ts";

const key = deriveKey(Buffer.from("a secret of this deployment, 32 or more"));
const other = deriveKey(Buffer.from("a secret of another deployment, 32 or more"));
const grant: Grant = {
  session: "019a0000-0000-7000-8000-0123456789ab",
  folder: "v/019a0000-0000-7000-8000-000000000001/r1",
  height: 720,
  expires: 2_000_000_000,
};
const NOW = 1_900_000_000;
const token = mint(key, grant);

describe("a token in a path", () => {
  it("grants its folder to its session until it expires", () => {
    expect(verify([key], token, grant.folder, NOW)).toEqual(grant);
    expect(verify([key], token, grant.folder, grant.expires - 1)).toEqual(grant);
    expect(verify([key], token, grant.folder, grant.expires)).toBeUndefined();
  });

  it("grants no other folder, and nothing with another key", () => {
    expect(verify([key], token, `${grant.folder}2`, NOW)).toBeUndefined();
    expect(verify([other], token, grant.folder, NOW)).toBeUndefined();
    expect(verify([other, key], token, grant.folder, NOW)).toEqual(grant);
  });

  it("is one path segment, whatever it grants", () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.integer({ min: 1, max: 46_655 }),
        fc.integer({ min: 1, max: 2 ** 36 }),
        (...[session, height, expires]) => {
          const made = mint(key, { session, height, expires, folder: "v/a/b" });
          expect(made).toMatch(/^[\w.~-]+$/);
          expect(verify([key], made, "v/a/b", 0)).toEqual({ session, height, expires, folder: "v/a/b" });
        },
      ),
    );
  });

  it("grants nothing when any character of it is another", () => {
    for (let at = 0; at < token.length; at += 1) {
      const forged = `${token.slice(0, at)}${token[at] === "a" ? "b" : "a"}${token.slice(at + 1)}`;
      expect(verify([key], forged, grant.folder, NOW)).toBeUndefined();
    }
  });

  it.each(["", "~", `${token}a`, `a${token}`, `${token}\n`, token.slice(0, -1), token.replace("~", ".")])(
    "is refused when it is written otherwise: %j",
    (text) => {
      expect(verify([key], text, grant.folder, NOW)).toBeUndefined();
    },
  );

  it("is not shown in what others read", () => {
    const text = `GET /t/${token}/v/a and %2Ft%2F${encodeURIComponent(token)}%2Fv`;
    expect(redacted(text)).toBe("GET /t/-/v/a and %2Ft%2F-%2Fv");
  });
});
