/** @databases sqlite postgres */
import { kafkaHome } from "../../scripts/cluster/kafka.jars.ts";
import { busConformance } from "../support/systems/bus-conformance.ts";
import { isHere } from "../support/systems/is-here.ts";
import { startKafkaBus } from "../support/systems/kafka-bus.ts";

if (isHere(kafkaHome)) await busConformance("Kafka", await startKafkaBus());
