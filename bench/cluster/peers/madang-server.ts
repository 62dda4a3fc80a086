/** A Madang node: validation, authorization, metrics, tracing, breaker, time-outs, all on. */
import { ServiceBroker } from "moleculer";
import { implement } from "#core/implement.ts";
import config from "../../../moleculer.config.ts";
import { answer, serving } from "./echo.ts";
import { peer } from "./madang.ts";

const broker = new ServiceBroker({ ...config, logger: false });
broker.createService(implement(peer, { actions: { say: () => answer } }));
await broker.start();
serving();
