/** Signatures of webhooks: what passes, and what does not. */
import { isSigned, sign } from "./signature.model.ts";

const at = Date.UTC(2026, 0, 1);
const minutes = 60_000;
const signed = sign("secret", "body", at);

describe("isSigned", () => {
  it("takes what was signed, within five minutes either way", () => {
    expect(isSigned("secret", "body", signed, at)).toBe(true);
    expect(isSigned("secret", "body", signed, at + 5 * minutes)).toBe(true);
    expect(isSigned("secret", "body", signed, at - 5 * minutes)).toBe(true);
  });

  it("refuses another body, another secret, another time, and what is older or newer", () => {
    expect(isSigned("secret", "Body", signed, at)).toBe(false);
    expect(isSigned("Secret", "body", signed, at)).toBe(false);
    expect(isSigned("secret", "body", signed.replace(/t=\d+/, `t=${at / 1000 + 1}`), at)).toBe(false);
    expect(isSigned("secret", "body", signed, at + 5 * minutes + 1000)).toBe(false);
    expect(isSigned("secret", "body", signed, at - 5 * minutes - 1000)).toBe(false);
  });

  it.each([undefined, "", "t=1", "v1=00", "t=x,v1=00", `${signed}00`])("refuses the header %j", (header) => {
    expect(isSigned("secret", "body", header, at)).toBe(false);
  });
});
