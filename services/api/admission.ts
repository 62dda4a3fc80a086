/** Rate limits over HTTP: the answer to a request shows its limits. */
import { type Admission, Count } from "#mixins/gateway/admission.ts";
import { admit, type Admitted, type Asked, type Entrance } from "#mixins/gateway/caller.ts";
import { quotaHeaders } from "#mixins/http/headers.ts";
import type { Exchange } from "./exchange.ts";

async function counted<T>(exchange: Exchange, work: (count: Count) => Promise<T> | T): Promise<T> {
  const count = new Count(exchange.address);
  try {
    return await work(count);
  } finally {
    exchange.headers.push(...quotaHeaders(count));
  }
}

/** Admits a request to the route of an action. @throws the errors of `admit` */
export const admitted = (
  entrance: Entrance,
  exchange: Exchange,
  asked: Omit<Asked, "authorization">,
): Promise<Admitted> => {
  const { authorization } = exchange.req.headers;
  return counted(exchange, (count) => admit(entrance, count, { ...asked, authorization }));
};

/** Counts a request that reaches no action as one of its address. @throws RATE_LIMITED */
export const stray = (admission: Admission, exchange: Exchange): Promise<void> =>
  counted(exchange, (count) => {
    admission.address(count, { of: "", limit: undefined });
    return admission.admit(count, null);
  });

/** Counts a request of a system route. @throws RATE_LIMITED */
export const probe = (admission: Admission, exchange: Exchange): Promise<void> =>
  counted(exchange, (count) => admission.probe(count));
