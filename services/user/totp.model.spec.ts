import { base32, codeAt, hashOfCode, newRecoveryCodes, newSecret, stepOf, uriOf } from "./totp.model.ts";
import { decrypt, encrypt } from "./vault.model.ts";

const secret = Buffer.from("12345678901234567890");

describe("a code", () => {
  // RFC 6238, appendix B, whose codes have two digits more.
  it.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("after %i seconds is %s", (seconds, code) => {
    expect(codeAt(secret, seconds * 1000)).toBe(code);
  });

  it("is known one step earlier and one later", () => {
    const at = (seconds: number) => stepOf(secret, codeAt(secret, 3_000_000), (3000 + seconds) * 1000);
    expect([-31, -30, 0, 30, 59, 60].map(at)).toEqual([null, 100, 100, 100, 100, null]);
  });
});

it("an app reads the secret in base 32 and the names as they are", () => {
  expect(base32(Buffer.from("foobar"))).toBe("MZXW6YTBOI");
  expect(uriOf(secret, "Madang shop", "a+b@example.test")).toBe(
    "otpauth://totp/Madang%20shop:a%2Bb%40example.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Madang%20shop&algorithm=SHA1&digits=6&period=30",
  );
});

it("recovery codes are known however they are typed, for one person", () => {
  const [code] = newRecoveryCodes() as [string];
  expect(code).toMatch(/^[a-z2-7]{4}(?:-[a-z2-7]{4}){3}$/);
  expect(hashOfCode("u", code.replaceAll("-", "").toUpperCase())).toBe(hashOfCode("u", code));
  expect(hashOfCode("v", code)).not.toBe(hashOfCode("u", code));
});

it("an encrypted secret is read for its owner alone, and as nobody changed it", () => {
  const own = newSecret();
  const text = encrypt(own, "u");
  expect(decrypt(text, "u")).toEqual(own);
  expect(encrypt(own, "u")).not.toBe(text);
  expect(() => decrypt(text, "v")).toThrow();
  expect(() => decrypt(`other.${text.split(".")[1]}`, "u")).toThrow("USER_SECRETS_KEY");
});
