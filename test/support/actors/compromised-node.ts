/** A node whose service's NATS password an attacker has. */
import type { ServiceBroker } from "moleculer";
import { eventually } from "../fixtures/eventually.ts";
import { honest, registryOf, server } from "../systems/honest-nodes.ts";

/** It knows the password of `service`, and speaks Moleculer's protocol by hand. */
export function compromisedNode(service: string) {
  const own = `${service}.evil`;
  let mark = 0;
  const say = (command: string, payload: object, to?: string, from = service) =>
    server.mayPublish(
      service,
      `MOL.${from}.${command}${to ? `.${to}` : ""}`,
      JSON.stringify({ ver: "5", sender: own, ...payload }),
    );
  const info = (services: unknown, rest: object = {}) =>
    say("INFO", { services, seq: ++mark, instanceID: "evil", config: {}, metadata: { mark }, ...rest });
  return {
    own,
    say,
    info,
    /** Resolves when every honest node has read everything that was said before: packets of a connection stay in order. */
    async isHeard() {
      await info([]);
      const isRead = (broker: ServiceBroker) => registryOf(broker).nodes.get(own)?.metadata?.mark === mark;
      await eventually(() => [...honest.values()].every(isRead), 60_000);
    },
  };
}
