/** Endpoints and deliveries as staff see them. */
import { timestamp } from "#core/clock.ts";
import type { Attempt, Delivery } from "./delivery.contract.ts";
import type { Endpoint } from "./endpoint.contract.ts";
import type { AttemptRow, DeliveryRow, EndpointRow } from "./webhook.tables.ts";

export const toEndpoint = ({ id, url, events, description, status, created_at, version }: EndpointRow): Endpoint => ({
  id,
  url,
  events: JSON.parse(events) as string[],
  description,
  status,
  createdAt: created_at,
  version,
});

export const toDelivery = ({ id, endpoint_id, event_id, type, status, attempts, ...at }: DeliveryRow): Delivery => ({
  id,
  endpointId: endpoint_id,
  eventId: event_id,
  type,
  status,
  attempts,
  nextAttemptAt: at.next_at === null ? null : timestamp(at.next_at),
  createdAt: timestamp(at.created_at),
});

export const toAttempt = ({ at, status, error, milliseconds }: AttemptRow): Attempt => ({
  at: timestamp(at),
  status,
  error,
  milliseconds,
});
