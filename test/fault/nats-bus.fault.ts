/** Nodes and NATS die while the events of orders travel over it. */
import { busStorm } from "../support/faults/bus-storm.ts";

busStorm("nats");
