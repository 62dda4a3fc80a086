import { mailbox } from "./email.ts";

describe("mailbox", () => {
  it.each([
    ["mina.kim@example.com", "mina.kim@example.com"],
    ["Mina.Kim+tea@Example.COM", "mina.kim+tea@example.com"],
    ["o'brien_1@sub.example.co.kr", "o'brien_1@sub.example.co.kr"],
    ["ann@한국.kr", "ann@xn--3e0b707e.kr"],
    ["ann@한국.kr".normalize("NFD"), "ann@xn--3e0b707e.kr"],
    ["ann@XN--3E0B707E.KR", "ann@xn--3e0b707e.kr"],
    ["ann@ｅｘａｍｐｌｅ。com", "ann@example.com"],
    [`${"a".repeat(64)}@example.com`, `${"a".repeat(64)}@example.com`],
  ])("writes %s as %s", (address, normal) => {
    expect(mailbox(address)).toBe(normal);
    expect(mailbox(normal)).toBe(normal);
  });

  it.each([
    "",
    "ann",
    "@example.com",
    "ann@",
    '"a b"@example.com',
    '"a\r\nb"@example.com',
    '"a\u0000"@example.com',
    '"가"@example.com',
    "가@example.com",
    "ａnn@example.com",
    "a\u200b@example.com",
    ".ann@example.com",
    "ann.@example.com",
    "a..n@example.com",
    "a b@example.com",
    " ann@example.com",
    "ann@example.com ",
    "a@b@example.com",
    "ann<x@example.com",
    `${"a".repeat(65)}@example.com`,
    "ann@localhost",
    "ann@[127.0.0.1]",
    "ann@[IPv6:::1]",
    "ann@127.0.0.1",
    "ann@0x7f.1",
    "ann@example.123",
    "ann@example..com",
    "ann@example.com.",
    "ann@-example.com",
    "ann@example-.com",
    "ann@exa_mple.com",
    "ann@example.com/x",
    "ann@exa\nmple.com",
    "ann@ex%41mple.com",
    "ann@example\u202e.com",
    `ann@${"a".repeat(64)}.com`,
    `ann@${"a.".repeat(125)}com`,
  ])("refuses %j", (address) => expect(mailbox(address)).toBeUndefined());
});
