/** `npm run streams`: keeps the streams of all services there, as the deployment's own NATS user, which no service knows. */
import { ConfigError, platform } from "#core/config.ts";
import { giveUp } from "../../node/fault.ts";
import { streamPlans } from "./plan.ts";

async function keep(): Promise<void> {
  const [{ topology }, { keepStreams }, { contracts }] = await Promise.all([
    import("../../node/topology.ts"),
    import("./deployment.ts"),
    import("../../node/services.ts"),
  ]);
  if (!topology.busUrl)
    throw new ConfigError("There is no NATS to make streams in: set TRANSPORTER to nats://streams:<password>@….");
  const plans = streamPlans(await contracts());
  const ending = new AbortController();
  process.once("SIGTERM", () => ending.abort()).once("SIGINT", () => ending.abort());
  const tell = (error: Error | null) =>
    error
      ? say("warn", `The streams cannot be made (${error.message}): trying again.`)
      : say("info", `The streams of ${plans.map(({ source }) => source).join(", ")} are there.`);
  await keepStreams(topology.busUrl, plans, tell, ending.signal);
}

function say(level: "info" | "warn", msg: string): void {
  const line = { level, time: new Date().toISOString(), mod: "streams", msg };
  console.log(platform.LOG_FORMAT === "json" ? JSON.stringify(line) : `${line.time} ${level.toUpperCase()} ${msg}`);
}

keep().catch(giveUp);
