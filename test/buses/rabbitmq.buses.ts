/** @databases sqlite postgres */
import { findDaemon } from "../../scripts/cluster/binaries.ts";
import { busConformance } from "../support/systems/bus-conformance.ts";
import { isHere } from "../support/systems/is-here.ts";
import { startRabbitBus } from "../support/systems/rabbitmq-bus.ts";

if (isHere(() => findDaemon("rabbitmq-server"))) await busConformance("RabbitMQ", await startRabbitBus());
