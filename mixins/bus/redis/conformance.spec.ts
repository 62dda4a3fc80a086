/** @databases sqlite postgres */
import { busConformance } from "../../../test/support/systems/bus-conformance.ts";
import { startRedisBus } from "../../../test/support/systems/redis-bus.ts";

await busConformance("Redis", await startRedisBus());
