import { weaknessOf } from "./password-rules.model.ts";

const mina = { email: "mina.kim@example.test", name: "김미나" };
const says = (part: string) => ({ en: expect.stringContaining(part), ko: expect.stringMatching(/[가-힣]/) });

describe("weaknessOf", () => {
  it.each([
    "correct horse battery",
    "x7#kq!Lm92",
    "비 오는 날 우산 없이",
    "0198c0de-7f3a-7abc-9def-0123456789ab",
    "my dragon likes tea",
    "Tr0ub4dor&3x",
    "8d969eef6ecad3c2",
  ])("takes %s", (password) => expect(weaknessOf(password, mina)).toBeNull());

  it("takes more digits than a date has, whatever letters beside them stand in the address too", () => {
    const whose = { email: "0198qzt0@example.test", name: "Ann" };
    expect(weaknessOf("0198-7qzt-4073-8625-9471", whose)).toBeNull();
    for (const digits of ["19991231", "123456789012", "000000000000", "111122223333"])
      expect(weaknessOf(`qzt-${digits}`, whose)).toEqual(says("name"));
  });

  it.each<[string, string]>([
    ["aaaaaaaaaa", "sequences"],
    ["          ", "sequences"],
    ["1234567890", "sequences"],
    ["0987654321", "sequences"],
    ["12345678901234567890", "sequences"],
    ["abcdefghijkl", "sequences"],
    ["abcdefgh12345678", "sequences"],
    ["abababababab", "sequences"],
    ["abcdabcdabcd", "sequences"],
    ["qwertyuiopasdfghjkl", "sequences"],
    ["１１１１１１１１１１", "sequences"],
    ["password12", "common"],
    ["Password2026!", "common"],
    ["PASSWORD12345", "common"],
    ["passwordpassword", "common"],
    ["p@ssw0rd!!!", "common"],
    ["sunshine1999", "common"],
    ["!!iloveyou!!", "common"],
    ["madang2026", "common"],
    ["mina.kim@example.test", "name"],
    ["MINA.KIM@EXAMPLE.TEST", "name"],
    ["minakim20261126", "name"],
    ["김미나김미나김미나김미나", "sequences"],
    ["김미나 2026!!!", "name"],
    ["!@#$%^&*()", "sequences"],
    ["가나다라마바사아자차", "sequences"],
    ["pass\u200bword1234", "common"],
    ["monkeymonkey1", "common"],
    ["password1password2", "common"],
    ["비밀번호1234567", "common"],
    ["사랑해사랑해1234", "common"],
    ["qlalfqjsgh12", "common"],
    ["kim-mina-2026", "name"],
    ["kimkimkim123", "name"],
    ["7391-5720-kim", "name"],
    ["example.test", "name"],
    ["각각".normalize("NFD").repeat(2), "10 characters"],
  ])("refuses %j: %s", (password, part) => expect(weaknessOf(password, mina)).toEqual(says(part)));

  it.each([
    ["gildong123456", "Hong Gildong"],
    ["doejane2024", "Jane Doe"],
    ["길동홍길동홍12345", "홍 길동"],
    ["joséGarcía!!9", "José García"],
  ])("refuses %s to %s", (password, name) =>
    expect(weaknessOf(password, { email: "a@example.test", name })).toEqual(says("name")),
  );

  it.each([
    ["smithsonian-jane", "Jane Smith"],
    ["olive branch liquid", "Li"],
    ["정답은 길동이 안다", "홍길동"],
    ["7a3#9b!c2$1z", "Abc"],
  ])("takes %s of %s", (password, name) => expect(weaknessOf(password, { email: "a@example.test", name })).toBeNull());

  it("takes no time, whatever the password", () => {
    for (const password of ["ab".repeat(64), "a".repeat(128), `${"a".repeat(127)}b`, "!".repeat(128)])
      expect(weaknessOf(password, mina)).not.toBeNull();
  });

  it("knows somebody without a name that could be a password", () => {
    expect(weaknessOf("7391-5720-!?", { email: "1@example.test", name: "!?" })).toBeNull();
  });
});
