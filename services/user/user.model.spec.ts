import { newId } from "#core/id.ts";
import { toAddress, toColumns } from "./address.model.ts";
import { readToken, writeToken } from "./session.model.ts";
import { checkNewPassword, newAccount, toUser } from "./user.model.ts";

describe("checkNewPassword", () => {
  const person = { email: "mina@example.test", name: "Mina" };

  it.each([
    ["en", "must not be made of the e-mail address or the name"],
    ["ko", "이메일 주소나 이름으로 만든 비밀번호는 사용할 수 없습니다"],
  ] as const)("refuses with VALIDATION_FAILED, says where, and why in the language %s", (language, detail) => {
    const chosen = { password: "Mina@Example.test", pointer: "/newPassword", language };
    expect(() => checkNewPassword(chosen, person)).toThrow(
      expect.objectContaining({ type: "VALIDATION_FAILED", data: { errors: [{ pointer: "/newPassword", detail }] } }),
    );
  });

  it("accepts what nobody guesses", () => {
    const chosen = { password: "correct horse", pointer: "/password", language: undefined };
    expect(() => checkNewPassword(chosen, person)).not.toThrow();
  });
});

describe("toUser", () => {
  it("shows nothing of the password", () => {
    const person = { email: "mina@example.test", name: "Mina", language: "ko" as const };
    const known = { passwordHash: "$argon2id$secret", isVerified: true };
    const account = newAccount({ ...person, ...known, roles: ["customer", "staff"] });
    const shown = toUser(account);
    expect(shown).toMatchObject({ ...person, phone: null, emailVerified: true, version: 1 });
    expect(shown.roles).toEqual(["customer", "staff"]);
    expect(JSON.stringify(shown)).not.toContain("secret");
  });
});

describe("refresh tokens", () => {
  const token = { session: newId(), generation: 7 };

  it("lead back to their session and generation, and are the same when they are written again", () => {
    expect(readToken(writeToken(token))).toEqual(token);
    expect(writeToken(token)).toBe(writeToken({ ...token }));
    expect(writeToken({ ...token, generation: 8 })).not.toBe(writeToken(token));
  });

  it("are read by nobody when a single letter was taken, changed or added", () => {
    const text = writeToken(token);
    const spoilt = Array.from(text).flatMap((letter, at) => {
      const [before, after] = [text.slice(0, at), text.slice(at + 1)];
      return [before + after, `${before}${letter === "A" ? "B" : "A"}${after}`, `${before}${letter}A${after}`];
    });
    expect(
      [...spoilt, `${text}=`, ` ${text}`, "", "nonsense", token.session, `${token.session}.7.`].map(readToken),
    ).toEqual([...spoilt, "", "", "", "", "", ""].map(() => null));
  });
});

describe("toAddress", () => {
  const place = { name: "김미나", line1: "세종대로 110", city: "서울", postalCode: "04524", country: "KR" };
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
