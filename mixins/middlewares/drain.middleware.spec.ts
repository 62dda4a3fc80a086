/** @databases sqlite: draining asks no database. */
import { AllServices, type Person } from "../../test/support/systems/all-services.ts";

let allServices: AllServices;
let admin: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
  admin = await allServices.person("admin");
});
afterAll(() => allServices.close());

it("waits for the calls under way in a node, but not for the request that asks for it", async () => {
  const { nodeID: id } = allServices.broker;
  expect(await admin.call("api.drainNode", { id })).toEqual({ id, standby: true, calls: 0 });
  expect(await admin.call("api.resumeNode", { id })).toEqual({ id, standby: false, calls: 0 });
});
