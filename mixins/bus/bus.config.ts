/** How much a broker keeps of each service's events. */
import { DAY } from "#core/clock.ts";
import { count, defineConfig } from "#core/config.ts";

export const config = defineConfig("bus", {
  BUS_MAX_BYTES: count(
    "The most bytes of one service's events that the bus keeps. The oldest are dropped first.",
    536_870_912,
    {
      least: 1_048_576,
      most: 1_099_511_627_776,
    },
  ),
  BUS_REPLICAS: count("Number of servers of NATS or Kafka that keep each event.", 1, { least: 1, most: 5 }),
});

/** Milliseconds that an event stays on the bus, which is as long as in its outbox. */
export const MAX_AGE = 7 * DAY;
