/** What one service's node announces without end is kept within bounds by the nodes of the others. */
import { breakersOf } from "#mixins/middlewares/breaker.middleware.ts";
import { compromisedNode } from "../support/actors/compromised-node.ts";
import { serviceNames } from "../support/fixtures/source.ts";
import {
  announced,
  honest,
  idOf,
  others,
  registryOf,
  server,
  setUpHonestNodes,
} from "../support/systems/honest-nodes.ts";

/** More than twice what is kept of one service: its nodes, its breakers. */
const FLOOD = 500;
/** One of each kind: a gateway, which asks all; a service that asks others; one that asks none. */
const attackers = ["api", "order", "product"];

setUpHonestNodes();

describe.each(attackers)("a flood of %s", (service) => {
  const attacker = compromisedNode(service);
  // Another one for each, because what a node keeps of all others together has a bound too.
  const victim = idOf(serviceNames[(serviceNames.indexOf(service) + 1) % serviceNames.length]!);
  const publish = async (subject: string, payload: object) =>
    (await server.as(service)).publish(subject, JSON.stringify({ ver: "5", sender: attacker.own, ...payload }));

  it("of names is kept within bounds", async () => {
    for (let seq = 1; seq <= 25; seq += 1) {
      const names = Array.from({ length: 100 }, (_, index) => `v1.${service}.evil-${seq}-${index}`);
      const actions = Object.fromEntries(names.map((name) => [name, { name, rawName: "x" }]));
      await attacker.info([{ ...announced(service, `v1.${service}`, `v1.${service}.x`), actions }]);
    }
    await attacker.isHeard();
    for (const broker of honest.values()) {
      const kept = [...(broker.registry.actions as unknown as { actions: Map<string, object> }).actions.keys()];
      expect(kept.filter((name) => name.startsWith(`v1.${service}.evil-`)).length).toBeLessThanOrEqual(2000);
    }
  });

  it("of nodes, signs of life and breakers is kept within bounds, and the others stay", async () => {
    await attacker.isHeard();
    for (let index = 0; index < FLOOD; index += 1) {
      const sender = `${service}.flood-${index}`;
      await publish(`MOL.${service}.INFO`, { sender, services: [], seq: 1, instanceID: sender });
      await publish(`MOL.${service}.HEARTBEAT`, { sender, cpu: 1 });
      const change = { node: attacker.own, action: `v1.a.b${index}`, target: "x.y", state: "open", time: "now" };
      await publish(`MOL.${service}.EVENT.${victim}`, { id: "1", event: "breaker.changed", data: change });
      if (index % 100 === 0) await (await server.as(service)).flush();
    }
    await attacker.isHeard();
    for (const broker of honest.values()) {
      expect(registryOf(broker).nodes.toArray().length).toBeLessThanOrEqual(200 * serviceNames.length);
      const own = registryOf(broker)
        .nodes.toArray()
        .filter(({ id }) => id.startsWith(`${service}.`));
      expect(own.length).toBeLessThanOrEqual(200);
      const { length } = breakersOf(broker)
        .list()
        .filter(({ node }) => node === attacker.own);
      expect(length).toBe(broker.nodeID === victim ? 200 : 0);
      for (const other of others(service)) expect(registryOf(broker).nodes.get(idOf(other))!.available).toBe(true);
    }
  });
});
