/**
 * Every route that changes something, with an If-Match: what its client has not seen is not changed, whatever the body.
 * @databases sqlite postgres
 */
import fc from "fast-check";
import { type GeneratedRequest, idsInPath, validRequests } from "../support/fixtures/generated-requests.ts";
import type { Ids } from "../support/fixtures/generated-requests.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";
import { type Document, type ApiOperation, operationsOf } from "../support/fixtures/operations.ts";
import { type Answer, send } from "../support/actors/raw-request.ts";
import { createOneOfEach, personWithAccount } from "../support/actors/resource-owner.ts";
import document from "../../docs/openapi.json" with { type: "json" };

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_101);
const operations = operationsOf(document as unknown as Document);
const changing = operations.filter(({ method }) => method !== "GET");
const versioned = changing.filter(({ parameters }) => parameters.some(({ name }) => name === "If-Match"));

const STALE = ['"999.x"', '"x"', '"2147483648.x"', '"999999999999999.x"', '"997.x", "998.y"', 'W/"1.x"', '"x",, "y"'];
const BODIES = ["null", "[]", "1", '"x"', "{}", "{", "[".repeat(5000), `"${"x".repeat(300_000)}"`, '{"admin":true}'];

interface Owned {
  readonly person: Person;
  readonly ids: Ids;
}

let allServices: AllServices;
/** What all refused requests ask for: none of them may change it. */
let unchanged: Owned;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_ANSWER_BUDGET: "1000" });
  unchanged = await ownedBySomebody();
});
afterAll(() => allServices.close());

/** A request that would be right but for its precondition, to something that exists. */
function requestOf(operation: ApiOperation, ids: Ids): GeneratedRequest {
  const [made] = fc.sample(validRequests(operation, ids), { numRuns: 1, seed });
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const known = new Map(names.map((name) => [name, idsInPath(operation.path, name, ids)[0]]));
  if ([...known.values()].includes(undefined)) return made!;
  const url = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => known.get(name)!);
  if (!url.includes("/guest-orders/")) return { ...made!, url };
  return { ...made!, url, headers: { ...made!.headers, "order-token": ids["order-token"]![0]! } };
}

/** The nearest resource at or above a path that tells a version. */
async function current({ url, headers: sent }: GeneratedRequest, { token }: Person): Promise<Answer> {
  const orderToken = sent["order-token"];
  const headers = orderToken === undefined ? {} : { "order-token": orderToken };
  for (let at = url.split("?")[0]!; at !== "/api/v1"; at = at.slice(0, at.lastIndexOf("/"))) {
    const answer = await send(allServices, { method: "GET", url: at, headers, body: undefined }, token);
    if (/^"\d+\./.test(answer.headers.etag ?? "")) return answer;
  }
  throw new Error(`Nothing at ${url} tells a version.`);
}

const REFUSED = [400, 404, 412];

/** The status of a right request of this operation, with the If-Match that is made of the current tag. */
async function statusOf(operation: ApiOperation, { person, ids }: Owned, ifMatch: (tag: string) => string) {
  const made = requestOf(operation, ids);
  const { headers: seen } = await current(made, person);
  const headers = { ...made.headers, "if-match": ifMatch(seen.etag!) };
  return (await send(allServices, { ...made, headers }, person.token)).status;
}

const json = { "content-type": "application/json" };

async function ownedBySomebody(): Promise<Owned> {
  const person = await personWithAccount(allServices, "admin");
  return { person, ids: await createOneOfEach(allServices, person) };
}

describe.each(changing)("$id ($method $path)", (operation) => {
  it("is refused when stale, whatever its body is", async () => {
    const { person, ids } = unchanged;
    const made = requestOf(operation, ids);
    const before = versioned.includes(operation) ? await current(made, person) : undefined;
    const tries: [string, string | undefined][] = [
      ...STALE.map((tag): [string, string | undefined] => [tag, made.body]),
      ...BODIES.map((body): [string, string | undefined] => [STALE[0]!, body]),
    ];
    for (const [tag, body] of tries) {
      const headers = { ...made.headers, ...(body === undefined ? {} : json), "if-match": tag };
      const { status, body: problem } = await send(allServices, { ...made, headers, body }, person.token);
      const { code } = problem as { code?: string };
      expect({ tag, body: body?.slice(0, 100), status, code }).toMatchObject({ status: 412, code: "STALE_VERSION" });
    }
    if (before) expect((await current(made, person)).headers.etag).toBe(before.headers.etag);
  });
});

describe.each(versioned)("$id ($method $path)", (operation) => {
  /** What the requests to this route change. One that ends it, or changes what may be asked, needs another. */
  let owned: Owned | undefined;

  it.each([
    ["the current tag", (tag: string) => tag],
    [
      "a list of many",
      (tag: string) => `${Array.from({ length: 900 }, (_, one) => `"${one + 1000}.x"`).join(", ")}, ${tag}`,
    ],
    ["a list that has it", (tag: string) => `"0.x", W/"1.y" ,,"z", ${tag}`],
    ["anything", () => "*"],
  ])("is taken with %s", async (_what, ifMatch) => {
    let status = owned && (await statusOf(operation, owned, ifMatch).catch(() => undefined));
    if (!status || [401, 403, ...REFUSED].includes(status)) {
      owned = await ownedBySomebody();
      status = await statusOf(operation, owned, ifMatch);
    }
    expect(REFUSED).not.toContain(status);
    expect(status).toBeLessThan(500);
  });

  it("is refused with what is no list of tags", async () => {
    const { person, ids } = unchanged;
    const made = requestOf(operation, ids);
    for (const tag of ["x", '"', '"a" "b"', '*, "a"', ",", 'w/"a"']) {
      const { status } = await send(
        allServices,
        { ...made, headers: { ...made.headers, "if-match": tag } },
        person.token,
      );
      expect([tag, status]).toEqual([tag, 400]);
    }
  });
});
