/** The changes of all nodes' circuit breakers, as a live stream for administrators. */
import { breakersOf } from "#mixins/middlewares/breaker.middleware.ts";
import type { LiveItems } from "#mixins/gateway/live.ts";
import { admitted } from "./admission.ts";
import { EventStream, resumeFrom } from "./event-stream.ts";
import type { Plan, Shared } from "./plan.ts";

const PATH = "/api/v1/breakers/events";
const SUBJECT = "breakers:";

export const breakerRoute = { method: "GET", path: PATH } as const;

/** First the breakers that are not closed, then every change. Each event is a `BreakerChange`. */
export function breakerPlan(shared: Shared): Plan {
  const breakers = breakersOf(shared.broker);
  breakers.listen(() => shared.live.wake([SUBJECT]));
  const pull = async (after = Infinity): Promise<LiveItems> => {
    const { lastId } = breakers;
    // Another gateway has other numbers, so a client that comes from there begins anew.
    const changes = after > lastId ? breakers.list().map((one) => ({ ...one, id: lastId })) : breakers.since(after);
    return { items: changes.map(({ id, ...data }) => ({ id: String(id), event: "breaker.changed", data })) };
  };
  return async (exchange) => {
    exchange.route = `GET ${PATH}`;
    const { caller, token } = await admitted(shared, exchange, { auth: "admin", of: "", limit: undefined });
    const after = resumeFrom(exchange, undefined);
    await shared.live.open(new EventStream(exchange), { subject: SUBJECT, holder: caller!.id!, token, after, pull });
  };
}
