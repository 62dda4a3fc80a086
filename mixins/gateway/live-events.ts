/** What a live stream may tell: documents, and gateways with types, show it from the contract. */
import type { ActionDefinition, ContractDefinition, EventDefinition } from "#core/contract.ts";

type LiveEvent = Pick<EventDefinition, "summary" | "data">;
type Owner = Pick<ContractDefinition, "events"> & { readonly name: string };

/** By the name of the event: what the action sends of its own, or else those of its service's events that live streams may show. */
export function liveEvents(
  { name, events = {} }: Owner,
  { sends }: ActionDefinition,
): readonly (readonly [string, LiveEvent])[] {
  if (sends) return Object.entries(sends);
  const pushed = Object.entries(events).filter(([, { push }]) => push);
  return pushed.map(([key, one]) => [`${name}.${key}`, one] as const);
}
