import { areKeys, encrypt, isVapidKey } from "./web-push.model.ts";

/** RFC 8291, appendix A. */
const example = {
  plain: "When I grow up, I want to be a watermelon",
  keys: {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  },
  sender: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  salt: "DGv6ra1nlYgDCS1FRnbzlw",
  body: "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
};

it("encrypts the example of RFC 8291 as it says", () => {
  const [sender, salt] = [example.sender, example.salt].map((text) => Buffer.from(text, "base64url"));
  const body = encrypt(Buffer.from(example.plain), example.keys, { sender: sender!, salt: salt! });
  expect(body.toString("base64url")).toBe(example.body);
});

it("takes the keys of browsers, and no others", () => {
  expect(areKeys(example.keys)).toBe(true);
  for (const wrong of [{ p256dh: "BA" }, { auth: "AA" }, { p256dh: Buffer.alloc(65, 4).toString("base64url") }])
    expect(areKeys({ ...example.keys, ...wrong })).toBe(false);
  expect([isVapidKey(example.sender), isVapidKey("AA"), isVapidKey("A".repeat(43))]).toEqual([true, false, false]);
});
