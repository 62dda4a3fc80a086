import { busConformance } from "../../../test/support/systems/bus-conformance.ts";
import { startRabbitBus } from "../../../test/support/systems/rabbitmq-bus.ts";

await busConformance("RabbitMQ", await startRabbitBus());
