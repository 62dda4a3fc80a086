/** The gateway's own actions: they show the nodes that it sees, and pass an administrator's requests to them. */
import type { Context, Service } from "moleculer";
import type { Ctx } from "#core/context.ts";
import type { Output } from "#core/contract.ts";
import { nodesOf } from "#mixins/node/nodes.ts";
import { isStandby } from "#mixins/node/standby.ts";
import { breakersOf, resetBreaker } from "#mixins/middlewares/breaker.middleware.ts";
import { api } from "./api.contract.ts";
import { exported } from "./export.ts";
import type { Gateway } from "./gateway.ts";

/** The node checks the caller again. @throws NOT_FOUND for a node that this one does not see */
function ask(service: Service, ctx: Ctx<{ id: string }>, name: "drain" | "resume"): Promise<Output<"api.drainNode">> {
  const { id } = ctx.params;
  if (!nodesOf(service.broker).some((node) => node.id === id && node.available)) throw api.error("NOT_FOUND");
  return (ctx as unknown as Context).call(`$standby.${name}`, {}, { nodeID: id });
}

export const operations = {
  export(this: Service, ctx: Ctx<{ cursor?: string }>) {
    const { gateway } = this as unknown as { gateway: Gateway };
    return exported(ctx as unknown as Context, gateway.services(), ctx.params.cursor);
  },

  listNodes(this: Service) {
    const items = nodesOf(this.broker, { withServices: true }).map(
      ({ id, local, available, metadata, services = [] }) => ({
        id,
        available,
        standby: local ? isStandby(this.broker) : metadata?.standby === true,
        services: services.filter(({ name }) => !name.startsWith("$")).map(({ fullName }) => fullName),
      }),
    );
    return { items };
  },

  drainNode(this: Service, ctx: Ctx<{ id: string }>) {
    return ask(this, ctx, "drain");
  },

  resumeNode(this: Service, ctx: Ctx<{ id: string }>) {
    return ask(this, ctx, "resume");
  },

  listBreakers(this: Service) {
    const items = breakersOf(this.broker).list();
    return { items: items.flatMap(({ state, ...rest }) => (state === "closed" ? [] : [{ ...rest, state }])) };
  },

  async resetBreaker(this: Service, ctx: Ctx<{ action: string; target?: string }>) {
    await resetBreaker(this.broker, (...asked) => (ctx as unknown as Context).call(...asked), ctx.params);
    return null;
  },
};
