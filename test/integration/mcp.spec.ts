/** Agents over the whole platform, by the SDK's own client of both protocols: what they see, what they may, and who agrees. */
import { newId } from "#core/id.ts";
import { address, orderOf } from "../support/actors/client.ts";
import { Agent, type AgentOptions } from "../support/actors/agent.ts";
import { contracts } from "../support/fixtures/source.ts";
import { AllServices, type Person, type Role, won } from "../support/systems/all-services.ts";

let allServices: AllServices;
const agents: Agent[] = [];
beforeAll(async () => {
  allServices = await AllServices.open({ MCP_PORT: "0" });
});
afterEach(() => Promise.all(agents.splice(0).map((agent) => agent.close())));
afterAll(() => allServices.close());

async function agentOf(person: Person | null, options: AgentOptions = {}): Promise<Agent> {
  const agent = await Agent.connect(allServices.mcpUrl, { ...(person && { token: person.token }), ...options });
  agents.push(agent);
  return agent;
}

/** Somebody whom the user service knows. */
async function account(role: Role): Promise<Person> {
  const somebody = { email: `${newId()}@example.test`, password: "correct horse battery", name: "Sam" };
  const { id } = await allServices.asService().call("user.seed", { ...somebody, language: "en", roles: [role] });
  return allServices.person(role, id);
}

const someOrder = async (quantity = 1) => orderOf(await allServices.product(won(1000), 10), quantity);
const countOf = async (person: Person) => (await person.call("order.list", {})).items.length;

interface Order {
  readonly id: string;
  readonly status: string;
}

const eras = [
  ["of 2026", {}],
  ["of 2025", { isOld: true }],
] as const;

describe.each(eras)("a client %s", (name, era) => {
  it("without a sign-in sees the tools that are for everybody, and no other", async () => {
    const agent = await agentOf(null, era);
    const tools = await agent.tools();
    expect(tools).toEqual(expect.arrayContaining(["product_list", "product_get", "product_getStock"]));
    const isPublic = (tool: string) => {
      const [service, action] = tool.split("_") as [string, string];
      return contracts.get(service)!.actions[action]!.auth === "public";
    };
    expect(tools.filter((tool) => !isPublic(tool))).toEqual([]);
    expect(await agent.failure("order_list")).toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("searches, prices a basket, and reads what it found", async () => {
    const customer = await allServices.person();
    const tea = `Oolong ${name}`;
    const id = await allServices.product(won(1500), 4, tea);
    const agent = await agentOf(customer, era);
    const { items } = await agent.call<{ items: { id: string }[] }>("product_list", { q: tea });
    expect(items.map((one) => one.id)).toEqual([id]);
    expect(await agent.call("order_quote", { items: [{ productId: id, quantity: 2 }] })).toMatchObject({
      total: won(3000),
    });
    expect(await agent.read(`madang://products/${id}`)).toMatchObject({ id, name: tea });
  });

  it("places an order only in a second call, with the confirmation that the first one brought", async () => {
    const customer = await allServices.person();
    const agent = await agentOf(customer, era);
    const wanted = await someOrder();
    const { code, confirmation } = await agent.failure("order_create", wanted);
    expect([code, await countOf(customer)]).toEqual(["MCP_CONFIRMATION_REQUIRED", 0]);
    const order = await agent.call<Order>("order_create", { ...wanted, confirmation });
    expect(order.status).toBe("confirmed");
    // The agent did not hear the answer, and asks again.
    expect(await agent.call<Order>("order_create", { ...wanted, confirmation })).toEqual(order);
    expect(await countOf(customer)).toBe(1);
    expect(await agent.read(`madang://orders/${order.id}`)).toMatchObject({ id: order.id, status: "confirmed" });
  });
});

describe("a client that can ask its person", () => {
  it("shows them all that will happen, and goes on when they agree", async () => {
    const customer = await allServices.person();
    const agent = await agentOf(customer, { person: "yes" });
    const wanted = await someOrder(3);
    expect(await agent.call<Order>("order_create", wanted)).toMatchObject({ status: "confirmed" });
    expect(agent.questions).toHaveLength(1);
    for (const part of ["Place an order", wanted.items[0]!.productId, '"quantity": 3', "tok_success"])
      expect(agent.questions[0]).toContain(part);
  });

  it.each(["no", "closed", "unticked"] as const)("does nothing when the person's answer is %s", async (person) => {
    const customer = await allServices.person();
    const agent = await agentOf(customer, { person });
    expect(await agent.failure("order_create", await someOrder())).toMatchObject({ code: "MCP_NOT_CONFIRMED" });
    expect(await countOf(customer)).toBe(0);
  });

  it("asks in the language of the request", async () => {
    const agent = await agentOf(await allServices.person(), { person: "no", language: "ko" });
    const { title } = await agent.failure("order_create", await someOrder());
    expect([title, agent.questions[0]]).toEqual([
      "사용자가 동의하지 않았습니다",
      expect.stringMatching(/^실행할까요\?/),
    ]);
  });

  it("has no place for a confirmation among its arguments, so that the agent alone cannot confirm", async () => {
    const customer = await allServices.person();
    const [bare, asking] = [await agentOf(customer), await agentOf(customer, { person: "yes" })];
    const wanted = await someOrder();
    const { confirmation } = await bare.failure("order_create", wanted);
    const { code, errors } = await asking.failure("order_create", { ...wanted, confirmation });
    expect([code, errors?.[0]?.detail]).toEqual(["VALIDATION_FAILED", expect.stringContaining("confirmation")]);
    expect(asking.questions).toEqual([]);
  });

  it("is not asked for what cannot be done anyway", async () => {
    const agent = await agentOf(await allServices.person(), { person: "yes" });
    const { code, errors } = await agent.failure("order_create", { ...(await someOrder()), items: [] });
    expect([code, errors?.[0]?.pointer, agent.questions]).toEqual(["VALIDATION_FAILED", "/items", []]);
  });
});

describe("a confirmation", () => {
  it.each(["arguments", "person", "tool"])("is good for no other %s", async (other) => {
    const [ann, bob] = [await allServices.person(), await allServices.person()];
    const wanted = await someOrder();
    const { confirmation } = await (await agentOf(ann)).failure("order_create", wanted);
    const agent = await agentOf(other === "person" ? bob : ann);
    const refused =
      other === "tool"
        ? await agent.failure("order_cancel", { id: newId(), confirmation })
        : await agent.failure("order_create", {
            ...(other === "arguments" ? await someOrder(2) : wanted),
            confirmation,
          });
    expect(refused.code).toBe("MCP_CONFIRMATION_INVALID");
    expect([await countOf(ann), await countOf(bob)]).toEqual([0, 0]);
  });

  it("is asked for before a refund, which is then made once", async () => {
    const [customer, staff] = [await allServices.person(), await allServices.person("staff")];
    const { paymentId } = await customer.call("order.create", await someOrder(2));
    const agent = await agentOf(staff);
    const refund = { id: paymentId!, amount: won(700), reason: "broken cup" };
    const { code, confirmation } = await agent.failure("payment_refund", refund);
    expect(code).toBe("MCP_CONFIRMATION_REQUIRED");
    const made = await agent.call("payment_refund", { ...refund, confirmation });
    expect(await agent.call("payment_refund", { ...refund, confirmation })).toEqual(made);
    expect((await staff.call("payment.listRefunds", { id: paymentId! })).items).toHaveLength(1);
  });
});

describe("rights", () => {
  it("end where others' things begin: a stranger's order is not there", async () => {
    const [owner, stranger] = [await allServices.person(), await allServices.person()];
    const { id } = await owner.call("order.create", await someOrder());
    const agent = await agentOf(stranger, { person: "yes" });
    expect(await agent.failure("order_get", { id })).toMatchObject({ code: "NOT_FOUND" });
    expect(await agent.failure("order_cancel", { id })).toMatchObject({ code: "NOT_FOUND" });
    await expect(agent.read(`madang://orders/${id}`)).rejects.toThrow("NOT_FOUND");
    expect((await owner.call("order.get", { id })).status).toBe("confirmed");
  });

  const operators = [
    "order_listSagas",
    "order_getSaga",
    "order_listDeadLetters",
    "order_replayDeadLetter",
    "api_listNodes",
  ];

  it("give staff what operators need, and customers none of it", async () => {
    const [customer, staff] = [await allServices.person(), await allServices.person("staff")];
    const [ofCustomer, ofStaff] = [await agentOf(customer), await agentOf(staff)];
    expect(await ofStaff.tools()).toEqual(expect.arrayContaining(operators));
    expect((await ofCustomer.tools()).filter((name) => operators.includes(name))).toEqual([]);
    expect(await ofCustomer.failure("order_listSagas")).toMatchObject({ code: "FORBIDDEN" });
    const { items } = await ofStaff.call<{ items: { id: string }[] }>("api_listNodes");
    expect(items.map(({ id }) => id)).toEqual([allServices.broker.nodeID]);
    expect(await ofStaff.read("madang://nodes")).toMatchObject({ items });
  });

  it("end at once when they are taken away", async () => {
    const [admin, sam] = [await allServices.person("admin"), await account("staff")];
    const { id } = sam;
    const agent = await agentOf(sam);
    expect(await agent.tools()).toEqual(expect.arrayContaining(operators));
    await admin.call("user.setRoles", { id, roles: ["customer"] });
    expect(await agent.failure("order_listSagas")).toMatchObject({ code: "FORBIDDEN" });
    expect((await agent.tools()).filter((name) => operators.includes(name))).toEqual([]);
  });
});

it("an address is added without a question, since it concerns its owner alone", async () => {
  const agent = await agentOf(await account("customer"), { person: "no" });
  const { id } = await agent.call<{ id: string }>("user_addAddress", address);
  expect(await agent.read(`madang://users/me/addresses/${id}`)).toMatchObject({ city: address.city });
  expect(agent.questions).toEqual([]);
});
