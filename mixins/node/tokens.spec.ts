import { generateKeyPairSync } from "node:crypto";
import { base64url, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { malformed, personClaims, serviceClaims, signPerson, signService } from "../../test/support/fixtures/claims.ts";
import { newId } from "#core/id.ts";
import { serviceKey, tokenPrivateKey, tokenPublicKey } from "./keys.ts";
import { ACCESS_TOKEN_TTL, signAccessToken, Tokens } from "./tokens.ts";

const ann = { id: newId(), roles: ["customer"], session: newId() };
const minutes = (count: number) => count * 60_000;

describe("Tokens", () => {
  let tokens: Tokens;
  let skew: number;

  beforeEach(() => {
    tokens = new Tokens();
    skew = 0;
    const real = Date.now;
    jest.spyOn(Date, "now").mockImplementation(() => real() + skew);
  });
  afterEach(() => jest.restoreAllMocks());

  const inSeconds = () => Math.floor(Date.now() / 1000);
  /** A token like a person's, but for what the spec changes. */
  const signed = async ({ key = tokenPrivateKey(), alg = "EdDSA", typ = "at+jwt", issuer = "madang" } = {}) =>
    new SignJWT({ roles: ["admin"], sid: newId() })
      .setProtectedHeader({ alg, typ })
      .setIssuer(issuer)
      .setAudience("madang")
      .setSubject(newId())
      .setIssuedAt(inSeconds())
      .setExpirationTime(inSeconds() + 60)
      .sign(await importJWK(key, alg));

  describe("of people", () => {
    it("carry who signed in", async () => {
      const token = await signAccessToken(ann);
      expect(tokens.known(token)).toBeUndefined();
      expect(await tokens.person(token)).toEqual(ann);
      expect(tokens.known(token)).toEqual(ann);
    });

    it("expire, remembered or not", async () => {
      const [remembered, unknown] = await Promise.all([
        signAccessToken(ann),
        signAccessToken({ ...ann, session: newId() }),
      ]);
      await tokens.person(remembered);
      skew = ACCESS_TOKEN_TTL * 1000 - 5000;
      expect(tokens.known(remembered)).toEqual(ann);
      skew += 10_000;
      expect(tokens.known(remembered)).toBeUndefined();
      await expect(tokens.person(remembered)).rejects.toMatchObject({ type: "TOKEN_EXPIRED", code: 401 });
      await expect(tokens.person(unknown)).rejects.toMatchObject({ type: "TOKEN_EXPIRED" });
    });

    it("are verified with the public key alone", async () => {
      expect(tokenPublicKey()).not.toHaveProperty("d");
      expect(tokenPublicKey()).toMatchObject({ kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" });
    });

    const another = () => generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
    const withPayload = (token: string, change: object) => {
      const [header, payload, signature] = token.split(".") as [string, string, string];
      const claims = JSON.parse(new TextDecoder().decode(base64url.decode(payload))) as object;
      return `${header}.${base64url.encode(JSON.stringify({ ...claims, ...change }))}.${signature}`;
    };

    it.each<[string, () => string | Promise<string>]>([
      ["another key's signature", () => signed({ key: { ...another(), kid: "another" } })],
      ["changed claims", async () => withPayload(await signAccessToken(ann), { roles: ["admin"] })],
      ["a prolonged life", async () => withPayload(await signAccessToken(ann), { exp: 9_999_999_999 })],
      ["no signature", () => new UnsecuredJWT({ roles: ["admin"] }).setIssuer("madang").setSubject("eve").encode()],
      [
        "the public key used as a secret",
        () =>
          new SignJWT({ roles: ["admin"] })
            .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
            .setIssuer("madang")
            .setSubject("eve")
            .setExpirationTime(inSeconds() + 60)
            .sign(Buffer.from(JSON.stringify(tokenPublicKey()))),
      ],
      ["another issuer", () => signed({ issuer: "elsewhere" })],
      ["another type", () => signed({ typ: "JWT" })],
      ["a service's token", () => tokens.sign("order", null)],
      ["a text", () => "not.a.token"],
      ["nothing", () => ""],
    ])("are refused with %s", async (_, make) => {
      const token = await make();
      await expect(tokens.person(token)).rejects.toMatchObject({ type: "TOKEN_INVALID", code: 401 });
      expect(tokens.known(token)).toBeUndefined();
    });
  });

  describe("with our own signature", () => {
    it("are taken when every claim is right", async () => {
      await expect(tokens.person(await signPerson(personClaims()))).resolves.toMatchObject({
        roles: expect.any(Array),
      });
      await expect(tokens.service(await signService(serviceClaims()))).resolves.toMatchObject({ service: "order" });
    });

    it.each(malformed(personClaims))("are refused as a person's with %s", async (_, claims) => {
      await expect(tokens.person(await signPerson(claims()))).rejects.toMatchObject({ code: 401 });
    });

    it.each(malformed(serviceClaims, ["sub"]))("are refused as a service's with %s", async (_, claims) => {
      await expect(tokens.service(await signService(claims()))).rejects.toMatchObject({ code: 401 });
    });
  });

  describe("of services", () => {
    it("name the service, and the user it works for", async () => {
      expect(await tokens.service(await tokens.sign("order", ann.id))).toEqual({
        id: ann.id,
        roles: [],
        service: "order",
      });
      expect(await tokens.service(await tokens.sign("order", null))).toEqual({ id: null, roles: [], service: "order" });
    });

    it("are signed once and kept for less than they live", async () => {
      const token = await tokens.sign("order", ann.id);
      expect(tokens.signed("order", ann.id)).toBe(token);
      expect(tokens.signed("order", null)).toBeUndefined();
      expect(tokens.signed("payment", ann.id)).toBeUndefined();
      skew = minutes(4) + 1000;
      expect(tokens.signed("order", ann.id)).toBeUndefined();
      await expect(tokens.service(token)).resolves.toMatchObject({ service: "order" });
      skew = minutes(5) + 1000;
      expect(tokens.knownService(token)).toBeUndefined();
      await expect(tokens.service(token)).rejects.toMatchObject({ type: "TOKEN_EXPIRED" });
    });

    it("never pass for a person's, nor a person's for theirs", async () => {
      const [person, service] = [await signAccessToken(ann), await tokens.sign("order", ann.id)];
      await Promise.all([tokens.person(person), tokens.service(service)]);
      expect([tokens.known(service), tokens.knownService(person)]).toEqual([undefined, undefined]);
      await expect(tokens.service(person)).rejects.toMatchObject({ type: "TOKEN_INVALID" });
    });

    it("are refused when signed with another key", async () => {
      expect(serviceKey().length).toBeGreaterThanOrEqual(32);
      const forged = await new SignJWT({ service: "order" })
        .setProtectedHeader({ alg: "HS256", typ: "service+jwt" })
        .setIssuer("madang")
        .setExpirationTime(inSeconds() + 60)
        .sign(Buffer.from("a guess of at least thirty-two characters"));
      await expect(tokens.service(forged)).rejects.toMatchObject({ type: "TOKEN_INVALID" });
    });
  });
});
