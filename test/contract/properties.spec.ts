/**
 * Every operation of the OpenAPI document under requests made up from it. Hostile ones never break anything and leave
 * nothing behind; valid ones are answered as the document says. Another run: `PROPERTY_SEED=7 npm test -- properties`.
 */
import fc from "fast-check";
import { Compile } from "typebox/compile";
import { Fingerprint } from "../support/invariants/fingerprint.ts";
import {
  hostileRequests,
  type Ids,
  type GeneratedRequest,
  validRequests,
} from "../support/fixtures/generated-requests.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";
import {
  type Document,
  type ApiOperation,
  operationsOf,
  type Schema,
  resolved,
} from "../support/fixtures/operations.ts";
import { type Answer, send } from "../support/actors/raw-request.ts";
import { createOneOfEach, personWithAccount } from "../support/actors/resource-owner.ts";
import document from "../../docs/openapi.json" with { type: "json" };

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_101);
const operations = operationsOf(document as unknown as Document);
const isProblem = Compile(resolved(document as unknown as Document, document.components.schemas.Problem) as never);

let allServices: AllServices;
let fingerprint: Fingerprint;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_ANSWER_BUDGET: "1000" });
  fingerprint = new Fingerprint(process.env.DATA_DIR!);
});
afterAll(async () => {
  fingerprint.close();
  await allServices.close();
});

const schemas = new Map<Schema, ReturnType<typeof Compile>>();

function matches(schema: Schema, value: unknown): boolean {
  const compiled = schemas.get(schema) ?? Compile(schema as never);
  schemas.set(schema, compiled);
  return compiled.Check(value);
}

interface Violations {
  readonly errors?: readonly { readonly pointer?: unknown; readonly detail?: unknown }[];
}

/** One to eight, each with its place and what is wrong there. */
const namesWhatIsWrong = ({ errors = [] }: Violations): boolean =>
  errors.length >= 1 &&
  errors.length <= 8 &&
  errors.every(({ pointer, detail }) => typeof pointer === "string" && typeof detail === "string" && detail !== "");

/** What is wrong with an answer by the document; nothing when it is as described. */
function complaint({ responses }: ApiOperation, { status, type, body }: Answer): string | undefined {
  const response = responses[status];
  if (status >= 500) return `${status} is a fault`;
  if (!response) return `${status} is not documented`;
  if (status < 400) return response.schema && !matches(response.schema, body) ? "is not as its schema says" : undefined;
  if (type !== "application/problem+json; charset=utf-8") return `${type} is no problem`;
  if (!isProblem.Check(body)) return "is no problem as documented";
  if (status === 422 && !namesWhatIsWrong(body)) return "does not say what is wrong";
  const { code, status: told, type: about } = body as { code: string; status: number; type: string };
  if (told !== status || about !== `/problems/${code}`) return "contradicts itself";
  return response.codes.includes(code) ? undefined : `${code} is not documented`;
}

const shown = (made: GeneratedRequest, who: string, answer: Answer) => {
  const short = (text: string | undefined) => text && text.slice(0, 500);
  return `${who}: ${JSON.stringify({ ...made, url: short(made.url), body: short(made.body) })}\n→ ${answer.status} ${short(JSON.stringify(answer.body))}`;
};

/** @throws Error with the request and its answer when that is not as the document says */
function check(operation: ApiOperation, made: GeneratedRequest, who: string, answer: Answer): void {
  const wrong = complaint(operation, answer);
  if (wrong) throw new Error(`${wrong}\n${shown(made, who, answer)}`);
}

/** Refusals by a rule of the business may be remembered: a declined order is an order. */
const leavesNothing = (status: number): boolean => status >= 400 && status !== 402 && status !== 409;

const roles = ["nobody", "customer", "admin"] as const;

interface Company {
  readonly people: Readonly<Record<(typeof roles)[number], Person | undefined>>;
  /** Of what the customer owns. */
  readonly ids: Ids;
}

async function newCompany(): Promise<Company> {
  const customer = await personWithAccount(allServices, "customer");
  const admin = await personWithAccount(allServices, "admin");
  return { people: { nobody: undefined, customer, admin }, ids: await createOneOfEach(allServices, customer) };
}

/** About the platform, and no customer's things. */
const OPERATOR = /^\/api\/v1\/(?:breakers|dead-letters|events|job-kinds|nodes)\//;

/** Services of which none takes anything from those of another line; all others may take whatever there is. */
const apart = [["order", "payment", "product"], ["account", "playback"], ["content"], ["notification"], ["webhook"]];

const takesSomething = ({ method, path, responses }: ApiOperation): boolean => {
  const adds = method === "POST" && "201" in responses && !path.includes("{");
  return method !== "GET" && !adds && !OPERATOR.test(path);
};

/** The name of the company that an operation is tried in: of two that may take something from each other, each has its own. */
function companyName(operation: ApiOperation): string {
  if (!takesSomething(operation)) return operation.method;
  const line = apart.find((services) => services.includes(operation.id.split(".")[0]!));
  const rivals = operations.filter((one) => takesSomething(one) && line?.includes(one.id.split(".")[0]!));
  return line ? `${rivals.indexOf(operation)}` : operation.id;
}

/** Made together, between requests: a company waits for payments longer than it computes. */
const AT_ONCE = 6;
const wanted = [...new Set(operations.map(companyName))];
const companies = new Map<string, Company>();

async function companyFor(operation: ApiOperation): Promise<Company> {
  const own = companyName(operation);
  if (!companies.has(own)) {
    const names = [own, ...wanted.slice(wanted.indexOf(own) + 1)].filter((name) => !companies.has(name));
    const make = async (name: string) => companies.set(name, await newCompany());
    await Promise.all(names.slice(0, AT_ONCE).map(make));
  }
  return companies.get(own)!;
}

describe.each(operations)("$id ($method $path)", (operation) => {
  let people: Company["people"];
  let ids: Ids;
  beforeAll(async () => {
    ({ people, ids } = await companyFor(operation));
  });

  it.each(roles)("refuses what is wrong, and stores nothing of it: %s", async (who) => {
    // Without products nothing becomes an order.
    const targets = operation.id.startsWith("order.") ? { ...ids, products: [] } : ids;
    let before = await fingerprint.settled();
    const property = fc.asyncProperty(hostileRequests(operation, targets), async (made) => {
      const answer = await send(allServices, made, people[who]?.token);
      const isQuiet = made.method === "GET" || leavesNothing(answer.status);
      const [stored, after] = [before, isQuiet ? fingerprint.take() : await fingerprint.settled()];
      before = after;
      check(operation, made, who, answer);
      if (isQuiet && JSON.stringify(after) !== JSON.stringify(stored)) {
        expect({ request: shown(made, who, answer), stored: after }).toEqual({ request: "", stored });
      }
    });
    await fc.assert(property, { seed, numRuns: 15 });
  });

  it.each(["customer", "admin"] as const)("answers what is right as documented: %s", async (who) => {
    const property = fc.asyncProperty(validRequests(operation, ids), async (made) => {
      check(operation, made, who, await send(allServices, made, people[who]?.token));
    });
    await fc.assert(property, { seed, numRuns: 8 });
  });
});
