/** Where NATS tells who a node is, the token of a service counts from its own nodes only. */
import { Context, ServiceBroker } from "moleculer";
import { OPERATOR } from "#core/context.ts";
import { Tokens } from "./tokens.ts";

type Action = { readonly action: { handler(ctx: Context): Promise<unknown> } };

let broker: ServiceBroker;

beforeAll(async () => {
  // Settings are read when they are loaded; nobody is connected to.
  Object.assign(process.env, { TRANSPORTER: "nats://user:x@127.0.0.1:4222", SERVICES: "user", BUS: "nats" });
  const { auth } = await import("../middlewares/auth.middleware.ts");
  broker = new ServiceBroker({ logger: false, middlewares: [auth()] });
  broker.createService({
    name: "user",
    actions: {
      lookup: { auth: "service", handler: () => "looked" } as never,
      operate: { auth: "admin", operator: true, handler: () => "operated" } as never,
    },
  });
  await broker.start();
});
afterAll(() => broker.stop());

async function ask(action: string, service: string, nodeID: string): Promise<unknown> {
  const ctx = new Context(broker);
  ctx.headers = { "x-service-token": await new Tokens().sign(service, null) };
  const { endpoints } = broker.registry.getActionEndpoints(`user.${action}`) as unknown as { endpoints: Action[] };
  const [endpoint] = endpoints;
  ctx.setEndpoint(endpoint as never);
  ctx.nodeID = nodeID;
  return endpoint!.action.handler(ctx).catch(({ type }: { readonly type: string }) => type);
}

it.each(["order", "payment"])(
  "the token of %s is taken from its nodes, and from those that stand for all",
  async (one) => {
    for (const node of [`${one}.host-1`, "node.host-1"]) expect(await ask("lookup", one, node)).toBe("looked");
  },
);

it.each(["notification.host-1", "guest.host-1", "orders.host-1", "order", "payment.order.host-1"])(
  "the token of order is not taken from %s, which was given it",
  async (node) => expect(await ask("lookup", "order", node)).toBe("FORBIDDEN"),
);

it("an operator's is taken from a shell, and from no service", async () => {
  expect(await ask("operate", OPERATOR, "node.shell")).toBe("operated");
  for (const node of ["order.host-1", "guest.host-1"]) expect(await ask("operate", OPERATOR, node)).toBe("FORBIDDEN");
});
