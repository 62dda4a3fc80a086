import * as crypto from "node:crypto";

/** Jest has it for ES modules; its types do not. */
interface Modules {
  unstable_mockModule(name: string, make: () => object): void;
}

/** What was asked of argon2. */
const computed: unknown[] = [];
const argon2: typeof crypto.argon2 = (algorithm, parameters, callback) => {
  const { memory, passes, parallelism, tagLength } = parameters;
  computed.push({ algorithm, memory, passes, parallelism, tagLength });
  crypto.argon2(algorithm, parameters, callback);
};
(jest as unknown as Modules).unstable_mockModule("node:crypto", () => ({ ...crypto, argon2 }));
const { hashPassword, verifyPassword } = await import("./password-hash.model.ts");

/** From the tests of argon2's reference implementation. */
const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

describe("hashPassword", () => {
  it("answers a PHC string with OWASP's parameters and a salt of its own", async () => {
    const [one, other] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(other).not.toBe(one);
  });

  it("refuses with RATE_LIMITED what would wait too long, and serves all that waited", async () => {
    const results = await Promise.allSettled(Array.from({ length: 105 }, () => hashPassword("correct horse")));
    const refused = results.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as { type: string }).type)).toEqual(Array(3).fill("RATE_LIMITED"));
    await expect(hashPassword("correct horse")).resolves.toContain("$argon2id$");
  });
});

describe("verifyPassword", () => {
  it("keeps the stored hash of a right password", async () => {
    const stored = await hashPassword("correct horse");
    await expect(verifyPassword("correct horse", stored)).resolves.toBe(stored);
  });

  it("answers null for a wrong password, and without a stored hash", async () => {
    await expect(verifyPassword("wrong horse", await hashPassword("correct horse"))).resolves.toBeNull();
    await expect(verifyPassword("correct horse", undefined)).resolves.toBeNull();
  });

  it("reads hashes of other programs and renews those of another cost", async () => {
    const renewed = await verifyPassword("password", reference);
    expect(renewed).toContain("$m=19456,t=2,p=1$");
    await expect(verifyPassword("password", renewed!)).resolves.toBe(renewed);
    await expect(verifyPassword("passwort", reference)).resolves.toBeNull();
  });

  it("knows a password again however the keyboard composes it", async () => {
    const stored = await hashPassword("비밀번호비밀번호비밀".normalize("NFC"));
    await expect(verifyPassword("비밀번호비밀번호비밀".normalize("NFD"), stored)).resolves.toBe(stored);
  });

  it("does as much work for nobody's password as for somebody's", async () => {
    const stored = await hashPassword("correct horse");
    const workFor = async (known: string | undefined) => {
      computed.length = 0;
      await verifyPassword("wrong horse", known);
      return [...computed];
    };
    const work = await workFor(stored);
    expect(work).toHaveLength(1);
    expect(await workFor(undefined)).toEqual(work);
  });
});
