/** Plans: what a subscription costs, and what it allows. Staff make and change them. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Code, Country, Id, Money, Nothing, Page, Strict, Text, Timestamp } from "#core/schema.ts";

export const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const Interval = Type.Enum(["month", "year"], { description: "How often it is paid" });
export type Interval = Static<typeof Interval>;
export const MaxStreams = Type.Integer({ minimum: 1, maximum: 20, description: "Devices that play at once" });
export const MaxHeight = Type.Integer({ minimum: 144, maximum: 4320, description: "Lines of the best picture" });
const Name = Strict({ en: Text(60), ko: Text(60) });
const PlanCode = Code("^[a-z][a-z0-9-]{0,39}$", 40);

const terms = {
  name: Name,
  price: Money,
  taxRate: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    description: "Basis points of the tax that the price includes",
  }),
  maxStreams: MaxStreams,
  maxHeight: MaxHeight,
  regions: Type.Array(Country, { maxItems: 250, description: "Where it is offered; empty for everywhere" }),
  trialDays: Type.Integer({ minimum: 0, maximum: 90, description: "For who had no trial before" }),
};

export const Plan = Type.Object(
  {
    id: Id,
    code: Type.String({ description: "Never changes" }),
    interval: Interval,
    ...terms,
    createdAt: Timestamp,
    archivedAt: Type.Union([Timestamp, Type.Null()]),
    version: Version,
  },
  { title: "Plan" },
);
export type Plan = Static<typeof Plan>;

const NewPlan = Strict({ code: PlanCode, interval: Interval, ...terms });
export type NewPlan = Static<typeof NewPlan>;

const PlanChange = Strict({
  id: Id,
  version: Type.Optional(Version),
  ...Type.Partial(Type.Object({ ...terms })).properties,
});
export type PlanChange = Static<typeof PlanChange>;

export const planActions = {
  listPlans: action({
    summary: "Plans that can be chosen, cheapest first",
    rest: "GET /plans",
    auth: "public",
    input: Strict({ region: Type.Optional(Country) }),
    output: Page(Plan),
  }),
  getPlan: action({
    summary: "A plan, also an archived one",
    rest: "GET /plans/:id",
    auth: "public",
    concurrency: "read",
    input: ById,
    output: Plan,
    errors: ["NOT_FOUND"],
  }),
  createPlan: action({
    summary: "Offer a plan",
    rest: "POST /plans",
    status: 201,
    shownBy: "getPlan",
    auth: "staff",
    input: NewPlan,
    output: Plan,
    errors: ["CODE_TAKEN"],
  }),
  editPlan: action({
    summary: "Change a plan. Who has it pays the new price from the next period on",
    rest: "PATCH /plans/:id",
    auth: "staff",
    concurrency: "write",
    input: PlanChange,
    output: Plan,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  archivePlan: action({
    summary: "Offer a plan no longer. Who has it keeps it",
    rest: "DELETE /plans/:id",
    status: 204,
    auth: "staff",
    concurrency: "write",
    input: Strict({ id: Id, version: Type.Optional(Version) }),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  seed: action({
    summary: "Add plans whose codes are not known yet",
    auth: "service",
    idempotent: true,
    input: Strict({ plans: Type.Array(NewPlan, { minItems: 1, maxItems: 20 }) }),
    output: Type.Object({ added: Type.Integer() }),
  }),
};
