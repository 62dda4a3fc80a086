/** Tokens that our own key signed with claims that are none, on every kind of route. */
import { malformed, personClaims, signPerson } from "../../test/support/fixtures/claims.ts";
import { type SampleGateway, startGateway } from "../../test/support/systems/sample-gateway.ts";

let gateway: SampleGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.broker.stop());

const routes = {
  public: ["GET", "/api/v1/books"],
  customer: ["GET", "/api/v1/books/1/events"],
  staff: ["DELETE", "/api/v1/books/1"],
} as const;

async function ask(access: keyof typeof routes, authorization: string): Promise<number> {
  const [method, path] = routes[access];
  const leave = new AbortController();
  const { status } = await fetch(gateway.url + path, { method, headers: { authorization }, signal: leave.signal });
  leave.abort();
  return status;
}

const answers = async (authorization: string) => ({
  public: await ask("public", authorization),
  customer: await ask("customer", authorization),
  staff: await ask("staff", authorization),
});

describe("a token", () => {
  it("opens what its roles open when every claim is right", async () => {
    const authorization = `Bearer ${await signPerson(personClaims())}`;
    expect(await answers(authorization)).toEqual({ public: 200, customer: 200, staff: 204 });
  });

  it.each(malformed(personClaims))("with %s opens nothing, and keeps nobody from what is public", async (_, claims) => {
    const authorization = `Bearer ${await signPerson(claims())}`;
    expect(await answers(authorization)).toEqual({ public: 200, customer: 401, staff: 401 });
  });

  it.each(["Basic eDp5", "Bearer", "Bearer a b", "Bearer abc", "nonsense"])(
    "that is none (%s) keeps nobody from what is public",
    async (authorization) => {
      expect(await answers(authorization)).toEqual({ public: 200, customer: 401, staff: 401 });
    },
  );
});
