/** A Madang node that calls another as one of its services. */
import { ServiceBroker } from "moleculer";
import { withKey, workContext } from "#core/context.ts";
import config from "../../../moleculer.config.ts";
import { client, question } from "./echo.ts";
import type { peer } from "./madang.ts";

const broker = new ServiceBroker({ ...config, logger: false });
const caller = broker.createService({ name: "caller" });
await broker.start();
await broker.waitForServices("v1.peer");
const ctx = workContext(caller, "019aa000-0000-7000-8000-000000000003");
const action = "peer.say" satisfies `${(typeof peer)["name"]}.say`;
await client(() => ctx.call(action, question, withKey("019aa000:reserve")));
