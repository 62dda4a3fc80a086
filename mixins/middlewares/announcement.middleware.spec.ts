import Type from "typebox";
import { startBroker } from "../../test/support/systems/broker.ts";

it("announces a schema wherever it stands", async () => {
  const shared = Type.Object({ amount: Type.Integer() });
  const action = { input: Type.Object({ one: shared, other: Type.Union([shared, Type.Null()]) }), handler: () => null };
  const broker = await startBroker([{ name: "shop", actions: { buy: action, sell: action } } as never]);
  const { services } = broker.getLocalNodeInfo() as unknown as {
    services: { name: string; actions: Record<string, { input: unknown }> }[];
  };
  const { actions } = services.find(({ name }) => name === "shop")!;
  const whole = JSON.parse(JSON.stringify(action.input));
  expect(Object.values(actions).map(({ input }) => input)).toEqual([whole, whole]);
  await broker.stop();
});
