/** Items of a live stream with the type that the contract gives their event, beside their data as JSON. */
import type { ActionDefinition, Contract } from "#core/contract.ts";
import { lazily } from "#core/validation.ts";
import type { LiveItem } from "#mixins/gateway/live.ts";
import { liveEvents } from "#mixins/gateway/live-events.ts";
import type { Fields } from "./codec.ts";
import { eventKey } from "./proto.model.ts";

/** What is stored may be older than the contract, so only data that has its form gets its type. */
export function typedItems(contract: Contract, definition: ActionDefinition): (item: LiveItem) => Fields {
  const events = new Map(
    liveEvents(contract, definition).map(([event, { data }]) => [
      event,
      { key: eventKey(event), validator: lazily(data) },
    ]),
  );
  return (item) => {
    const known = events.get(item.event);
    return known?.validator().Check(item.data) ? { ...item, [known.key]: item.data } : { ...item };
  };
}
