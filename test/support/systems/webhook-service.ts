/** The webhook service, which may send to this machine, and the events that others publish. */
import type { ServiceBroker } from "moleculer";
import { timestamp } from "#core/clock.ts";
import type { ActionName, EventName, Input, Output } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import type { Database } from "#mixins/database/database.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import type { WebhookTables } from "../../../services/webhook/webhook.tables.ts";
import { startBroker } from "./broker.ts";

process.env.WEBHOOK_NETWORKS = "127.0.0.0/8";

let broker: ServiceBroker;

/** The spec stops it with `stop()` before it starts it again. */
export async function start(): Promise<void> {
  const { default: service } = await import("../../../services/webhook/webhook.service.ts");
  broker = await startBroker([service]);
}
export const stop = (): Promise<void> => broker.stop();

const admin = newId();

/** Calls as an admin. The token is new each time, because specs move the clock. */
export async function call<N extends ActionName>(name: N, params: Input<N>, key: string = newId()): Promise<Output<N>> {
  const accessToken = await signAccessToken({ id: admin, roles: ["admin"], session: newId() });
  return broker.call(name, params, { meta: { accessToken }, headers: { "idempotency-key": key } });
}

/** Resolves when the event has been taken. */
export async function happens(type: EventName, data: object, id: string = newId()): Promise<string> {
  const cause = { time: timestamp(), source: type.split(".")[0]!, correlationId: newId(), causationId: newId() };
  await localBus(broker).publish([{ id, type, version: 1, ...cause, subject: `thing:${newId()}`, data }]);
  return id;
}

export const database = (): Database<WebhookTables> =>
  (broker.getLocalService({ name: "webhook", version: 1 }) as unknown as { db: Database<WebhookTables> }).db;
