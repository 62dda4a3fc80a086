/** @databases sqlite postgres */
import { busConformance } from "../support/systems/bus-conformance.ts";
import { startRedisBus } from "../support/systems/redis-bus.ts";

await busConformance("Redis", await startRedisBus());
