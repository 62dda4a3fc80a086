import { type Context, ServiceBroker } from "moleculer";
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { Email, Strict, Text } from "#core/schema.ts";
import { contract as contractMiddleware } from "./contract.middleware.ts";

const Line = Strict({ productId: Text(36), quantity: Type.Integer({ minimum: 1, maximum: 10 }) });

const shop = defineContract("shop", {
  summary: "",
  actions: {
    buy: action({
      summary: "",
      auth: "public",
      input: Strict({
        email: Email,
        lines: Type.Array(Line, { minItems: 1, maxItems: 3 }),
        note: Type.Optional(Text(5)),
      }),
      output: Type.Object({ count: Type.Integer(), note: Type.Optional(Type.String()) }),
    }),
    leave: action({ summary: "", auth: "public", input: Strict({}), output: Type.Null() }),
  },
});

const valid = { email: "ann@example.com", lines: [{ productId: "p1", quantity: 1 }] };

describe("contract", () => {
  let answer: unknown;
  const bought = jest.fn((_params: unknown) => answer);
  const start = async (answers: boolean) => {
    const broker = new ServiceBroker({ logger: false, middlewares: [contractMiddleware({ answers })] });
    broker.createService(
      implement(shop, { actions: { buy: ({ params }) => bought(params) as never, leave: () => answer as never } }),
    );
    broker.createService({ name: "free", version: 1, actions: { any: () => "thing" } });
    await broker.start();
    return broker;
  };
  let broker: ServiceBroker;

  beforeAll(async () => void (broker = await start(true)));
  afterAll(() => broker.stop());
  beforeEach(() => {
    answer = { count: 1 };
    bought.mockClear();
  });

  const buy = (params: object) => broker.call("v1.shop.buy", params);

  it("passes what is valid on, unchanged", async () => {
    expect(await buy(valid)).toEqual({ count: 1 });
    expect(bought).toHaveBeenCalledWith(valid);
  });

  it("looks at nothing that its caller has had accepted by the same schema", async () => {
    const wrong = { email: "ann" };
    type Listed = Record<string, { input: object }>;
    const listed = broker.registry.getServiceList({ withActions: true }) as unknown as { actions: Listed }[];
    const { "v1.shop.buy": buying, "v1.shop.leave": leaving } = Object.assign(
      {},
      ...listed.map((one) => one.actions),
    ) as Listed;
    await broker.call("v1.shop.buy", wrong, { accepted: buying!.input } as object);
    expect(bought).toHaveBeenCalledWith(wrong);
    await expect(broker.call("v1.shop.buy", wrong, { accepted: leaving!.input } as object)).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
    });
  });

  it.each<[string, object, { pointer: string; detail: string }]>([
    ["an unknown field", { ...valid, admin: true }, { pointer: "", detail: "must not have admin" }],
    ["a missing field", { lines: valid.lines }, { pointer: "", detail: "must have email" }],
    [
      "a wrong format",
      { ...valid, email: "ann" },
      { pointer: "/email", detail: "must be an e-mail address such as name@example.com" },
    ],
    [
      "too many items",
      { ...valid, lines: Array(4).fill(valid.lines[0]) },
      { pointer: "/lines", detail: "must have at most 3 items" },
    ],
    [
      "a number out of range",
      { ...valid, lines: [{ productId: "p1", quantity: 0 }] },
      { pointer: "/lines/0/quantity", detail: "must be 1 or more" },
    ],
    [
      "a fraction",
      { ...valid, lines: [{ productId: "p1", quantity: 1.5 }] },
      { pointer: "/lines/0/quantity", detail: "must be an integer" },
    ],
    [
      "a text that is too long",
      { ...valid, note: "123456" },
      { pointer: "/note", detail: "must have at most 5 characters" },
    ],
    ["another type", { ...valid, note: { $gt: "" } }, { pointer: "/note", detail: "must be text" }],
  ])("refuses %s, and says where it is", async (_, params, violation) => {
    const error = (await buy(params).catch((thrown: unknown) => thrown)) as {
      type: string;
      data: { errors: unknown[] };
    };
    expect(error).toMatchObject({ type: "VALIDATION_FAILED", code: 422 });
    expect(error.data.errors).toEqual([violation]);
    expect(bought).not.toHaveBeenCalled();
  });

  it("tells every violation, each once", async () => {
    const error = await buy({ ...valid, email: 1, extra: 1 }).catch((thrown: unknown) => thrown);
    const { errors } = (error as { data: { errors: { pointer: string }[] } }).data;
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual(["", "/email"]);
  });

  it("takes no parameters for empty ones", async () => {
    answer = null;
    expect(await broker.call("v1.shop.leave")).toBeNull();
  });

  it("refuses a call that the contract of the caller does not name", async () => {
    const asking = defineContract("guest", {
      summary: "",
      uses: ["free.any"],
      actions: { ask: action({ summary: "", auth: "public", input: Strict({ name: Text(20) }), output: Type.Any() }) },
    });
    broker.createService(
      // The names are those of this spec alone, which no type knows.
      implement(
        asking as never,
        {
          actions: { ask: (ctx: Context<{ name: string }>) => ctx.call(ctx.params.name, ctx.params) },
        } as never,
      ),
    );
    await broker.waitForServices("v1.guest");
    const ask = (name: string) => broker.call("v1.guest.ask", { name });
    expect(await ask("v1.free.any")).toBe("thing");
    await expect(ask("v1.shop.leave")).rejects.toThrow("guest calls shop.leave, which its contract does not name");
  });

  it("leaves actions without a contract alone", async () => {
    expect(await broker.call("v1.free.any", { what: "ever" })).toBe("thing");
  });

  it.each([{ count: "1" }, { count: 1.5 }, {}, null, undefined])(
    "fails when the answer is against the contract: %j",
    async (wrong) => {
      answer = wrong;
      await expect(buy(valid)).rejects.toThrow("v1.shop.buy answered against its contract");
    },
  );

  it("takes an undefined field of an answer for an absent one, and no answer for null", async () => {
    answer = { count: 1, note: undefined };
    expect(await buy(valid)).toEqual({ count: 1 });
    answer = undefined;
    expect(await broker.call("v1.shop.leave")).toBeUndefined();
  });

  it("trusts answers in production", async () => {
    const trusting = await start(false);
    answer = { count: "many" };
    expect(await trusting.call("v1.shop.buy", valid)).toEqual({ count: "many" });
    await trusting.stop();
  });
});
