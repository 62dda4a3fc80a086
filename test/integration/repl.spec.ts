/** The shell of those who operate the platform: what it shows, what it does, and what stays closed to it. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import type { InboxTable } from "#mixins/inbox/inbox.mixin.ts";
import type { SagaTables } from "#mixins/saga/saga.mixin.ts";
import type { OrderTables } from "../../services/order/order.repository.ts";
import { orderOf } from "../support/actors/client.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { eventually } from "../support/fixtures/eventually.ts";

let allServices: AllServices;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_ANSWER_BUDGET: "100" });
});
afterAll(() => allServices.close());
afterEach(() => jest.restoreAllMocks());

/** What the terminal shows for a line. */
async function type(line: string, options: Readonly<Record<string, string | boolean>> = {}): Promise<string> {
  const { replCommands } = await import("../../mixins/repl/commands.ts");
  const [name, ...rest] = line.split(" ");
  const found = replCommands.find(({ command }) => command.split(" ")[0] === name)!;
  const operands = [...found.command.matchAll(/[<[](\w+)[>\]]/g)].map(([, operand]) => operand!);
  const words = Object.fromEntries(rest.map((word, index) => [operands[index]!, word]));
  let shown = "";
  const keep = ((text: string) => ((shown += text), true)) as never;
  jest.spyOn(process.stdout, "write").mockImplementation(keep);
  jest.spyOn(process.stderr, "write").mockImplementation(keep);
  const table = (rows: readonly (readonly string[])[]) => rows.map((row) => row.join(" | ")).join("\n");
  await found.action(allServices.broker, { ...words, options }, { table });
  jest.restoreAllMocks();
  return shown.trim();
}

async function parkedOrder(): Promise<string> {
  const customer = await allServices.person();
  const { id } = await customer.call("order.create", orderOf(await allServices.product(), 1, "tok_3ds"));
  const db = allServices.db<OrderTables & SagaTables>("order");
  const waiting = db.query.selectFrom("sagas").select("id").where("id", "=", id).where("status", "=", "waiting");
  await eventually(() => waiting.executeTakeFirst());
  await db.write(async ({ query }) => {
    await query.updateTable("sagas").set({ status: "parked", next_at: null }).where("id", "=", id).execute();
    await query.updateTable("orders").set({ status: "needs_attention" }).where("id", "=", id).execute();
  });
  return id;
}

describe("sagas", () => {
  it("are listed, parked ones apart, and shown step by step", async () => {
    const parked = await parkedOrder();
    expect(await type("sagas", { parked: true })).toContain(parked);
    expect(await type("sagas")).not.toContain(parked);
    expect(await type("sagas", { versions: true })).toMatch(/^version \| unfinished\n4 \| [1-9]/);
    const shown = await type(`saga ${parked}`);
    expect(shown.split("\n")[0]).toBe("step | direction | state | startedAt | endedAt | detail");
    expect(shown).toMatch(/reserveStock \| forward \| done .*\n.*authorizePayment \| forward \| waiting/);
  });

  it("that are parked are retried or settled by hand", async () => {
    const [retried, settled] = [await parkedOrder(), await parkedOrder()];
    expect(await type(`saga retry ${retried}`)).toMatch(new RegExp(`^order ${retried} is \\w+\\.$`));
    expect(await type(`saga settle ${settled} cancelled`)).toMatch(/^The note is missing: /);
    expect(await type(`saga settle ${settled} cancelled`, { note: "by phone" })).toBe(`order ${settled} is cancelled.`);
    expect(await type(`saga settle ${settled} cancelled`, { note: "again" })).toBe(
      "The order does not need attention.",
    );
  });

  it("that nobody knows are told with what to do", async () => {
    expect(await type(`saga ${newId()}`)).toMatch(/^Nothing is here\. Nothing has that id\. List what exists/);
    expect(await type("sagas", { service: "nobody" })).toMatch(/No node offers that/);
    expect(await type("saga xyz")).toMatch(/^The request is not valid: /);
  });
});

describe("dead letters", () => {
  it("are listed, tried again and given up", async () => {
    const id = newId();
    const event = { id, type: "payment.refunded", subject: "payment:1", time: timestamp(), data: {} };
    const row = { id, subject: event.subject, state: "dead" as const, attempts: 8, next_at: 0, received_at: 0 };
    await allServices.db<InboxTable>("order").write(({ query }) =>
      query
        .insertInto("inbox")
        .values({ ...row, envelope: JSON.stringify(event), error: "none" } as never)
        .execute(),
    );
    expect(await type("dead-letters order")).toContain(id);
    expect(await type(`dead-letter discard order ${id}`)).toBe("It is given up.");
    expect(await type(`dead-letter replay order ${id}`)).toMatch(/Nothing has that id/);
    expect(await type("dead-letters order")).toBe("There is none.");
  });
});

describe("jobs", () => {
  it("are listed and shown, and those that are dead are tried again or given up", async () => {
    const shown = await type("jobs payment", { state: "waiting" });
    expect(shown).toMatch(/^id \| kind \| state \| attempt \| nextAt \| progress \| owner \| error\n/);
    const [id] = shown
      .split("\n")
      .find((line) => line.includes("forgetWebhooks"))!
      .split(" | ");
    expect(await type(`job show payment ${id}`)).toContain("kind | forgetWebhooks");
    expect(await type(`job retry payment ${id}`)).toMatch(/Nothing has that id/);
    expect(await type(`job cancel payment ${id}`)).toBe("The job is given up.");
    expect(await type(`job lose payment ${id}`)).toMatch(/^There is no job lose: /);
  });

  it("of a kind are paused and resumed", async () => {
    expect(await type("job-kind pause payment forgetWebhooks")).toMatch(/^No more jobs of forgetWebhooks begin/);
    expect(await type("job-kinds payment")).toMatch(/forgetWebhooks \| .* \| 17 3 \* \* \* \| true/);
    expect(await type("job-kind resume payment forgetWebhooks")).toBe("Jobs of forgetWebhooks begin again.");
    expect(await type("job-kind pause payment nothing")).toMatch(/^Nothing is here/);
  });
});

describe("replay", () => {
  it("tells events again", async () => {
    const customer = await allServices.person();
    const { id } = await customer.call("order.create", orderOf(await allServices.product()));
    const told: string[] = [];
    localBus(allServices.broker).subscribe("console", ["order.placed"], async (events) => {
      told.push(...events.map(({ subject }) => subject));
    });
    const which = { since: "2020-01-01T09:00:00+09:00", type: "order.placed", subject: `order:${id}` };
    expect(await type("replay order", which)).toMatch(/^1 events of order are told again/);
    await eventually(() => told.includes(`order:${id}`));
    expect(told).toEqual([`order:${id}`]);
    expect(await type("replay order")).toMatch(/^The since is missing: /);
  });
});

describe("breakers", () => {
  it("are shown, and closed by hand", async () => {
    const { breakersOf } = await import("#mixins/middlewares/breaker.middleware.ts");
    expect(await type("breakers")).toBe("All circuit breakers are closed.");
    const change = { node: "a", action: "v1.order.get", target: "b", state: "open", time: timestamp() } as const;
    breakersOf(allServices.broker).learn(change);
    expect(await type("breakers")).toContain("a | v1.order.get | b | open");
    expect(await type("breaker reset v1.order.get")).toBe(
      "The circuit breakers of v1.order.get are closed in every node.",
    );
    breakersOf(allServices.broker).learn({ ...change, state: "closed" });
  });
});

describe("drain", () => {
  it("has a node take nothing new until it is undrained", async () => {
    const { nodeID } = allServices.broker;
    expect(await type(`drain ${nodeID}`)).toMatch(/takes no new work and has finished what it had/);
    expect((await fetch(`${allServices.url}/readyz`)).status).toBe(503);
    expect(await type(`undrain ${nodeID}`)).toBe(`${nodeID} takes work again.`);
    expect((await fetch(`${allServices.url}/readyz`)).status).toBe(200);
    expect(await type("drain nobody")).toBe("No node is called nobody: see `nodes`.");
  });

  it("leaves sagas that are due to other nodes", async () => {
    const { nodeID } = allServices.broker;
    const id = await parkedOrder();
    await type(`drain ${nodeID}`);
    expect(await type(`saga retry ${id}`)).toBe(`order ${id} is needs_attention.`);
    expect(await type(`saga ${id}`)).toMatch(/forward \| active/);
    await type(`undrain ${nodeID}`);
    await eventually(async () => /forward \| waiting/.test((await type(`saga ${id}`)).split("\n").at(-1)!));
  });
});

describe("an operator", () => {
  it("reaches what the contracts name, and nothing else", async () => {
    const { call } = await import("../../mixins/repl/operator.ts");
    const refused = { code: 403, type: "FORBIDDEN" };
    for (const name of [
      "order.list",
      "user.list",
      "user.setRoles",
      "payment.reverse",
      "payment.refund",
      "product.seed",
    ])
      await expect(call(allServices.broker, name, {})).rejects.toMatchObject(refused);
  });
});
