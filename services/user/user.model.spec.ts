import { toAddress, toColumns } from "./address.model.ts";
import { issueToken, readToken } from "./session.model.ts";
import { checkNewPassword, newAccount, toUser } from "./user.model.ts";

describe("checkNewPassword", () => {
  it("refuses the e-mail address with VALIDATION_FAILED that says where", () => {
    expect(() => checkNewPassword("Mina@Example.test", "mina@example.test", "/newPassword")).toThrow(
      expect.objectContaining({
        type: "VALIDATION_FAILED",
        data: { errors: [{ pointer: "/newPassword", detail: "must not be the e-mail address" }] },
      }),
    );
  });

  it("accepts anything else", () => {
    expect(() => checkNewPassword("mina@example.tes", "mina@example.test", "/password")).not.toThrow();
  });
});

describe("toUser", () => {
  it("shows nothing of the password", () => {
    const person = { email: "mina@example.test", name: "Mina", language: "ko" as const };
    const account = newAccount({ ...person, roles: ["customer", "staff"] }, "$argon2id$secret");
    const shown = toUser(account);
    expect(shown).toMatchObject({ ...person, phone: null, version: 1 });
    expect(shown.roles).toEqual(["customer", "staff"]);
    expect(JSON.stringify(shown)).not.toContain("secret");
  });
});

describe("refresh tokens", () => {
  it("carry 256 random bits and lead back to their session", () => {
    const { session, refreshToken, tokenHash } = issueToken();
    expect(Buffer.from(refreshToken.split(".")[1]!, "base64url")).toHaveLength(32);
    expect(readToken(refreshToken)).toEqual({ session, tokenHash });
    expect(issueToken(session).refreshToken).not.toBe(refreshToken);
  });

  it("are read whatever they are", () => {
    expect(readToken("nonsense").session).toBe("nonsense");
    expect(readToken("").session).toBe("");
  });
});

describe("toAddress", () => {
  const place = { name: "김민아", line1: "세종대로 110", city: "서울", postalCode: "04524", country: "KR" };
  const stored = { id: "a", user_id: "u", version: 1 };

  it("gives back what was stored", () => {
    const full = { ...place, line2: "3층", phone: "+82 2 120", isDefault: true };
    expect(toAddress({ ...toColumns(full), ...stored })).toEqual({ ...full, id: "a", version: 1 });
  });

  it("leaves out what is not there", () => {
    expect(toAddress({ ...toColumns(place), ...stored })).toEqual({ ...place, isDefault: false, id: "a", version: 1 });
    expect(toAddress({ ...toColumns({ ...place, line2: null }), ...stored })).not.toHaveProperty("line2");
  });
});
