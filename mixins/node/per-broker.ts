/** What a node has one of: several nodes may live in one process, as in specs, so none of it is a global. */
import type { ServiceBroker } from "moleculer";

/**
 * @param make what a node gets when it is first asked for; it goes with the broker
 *
 * @example
 * export const breakersOf = perBroker(() => new Breakers());
 */
export function perBroker<Value, Rest extends readonly unknown[]>(
  make: (broker: ServiceBroker, ...rest: Rest) => Value,
): (broker: ServiceBroker, ...rest: Rest) => Value {
  const made = new WeakMap<ServiceBroker, { readonly value: Value }>();
  return (broker, ...rest) => {
    const known = made.get(broker) ?? { value: make(broker, ...rest) };
    made.set(broker, known);
    return known.value;
  };
}
