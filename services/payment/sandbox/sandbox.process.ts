/** Starts the sandbox payment provider as a process of its own, with its own books in the data folder. */
import { ServiceBroker } from "moleculer";
import { observability } from "#mixins/node/observability.ts";
import { giveUp } from "#mixins/node/fault.ts";
import { say } from "#mixins/node/say.ts";

async function provide(): Promise<void> {
  const { config: probe } = await import("#mixins/middlewares/probe.middleware.ts");
  const { config } = await import("../payment.config.ts");
  const { SandboxProvider } = await import("./sandbox.provider.ts");
  const { SandboxServer, webhooksTo } = await import("./sandbox.server.ts");
  const { apiKey } = await import("./sandbox.webhook.ts");

  const { logger } = new ServiceBroker({
    ...observability(),
    nodeID: "provider",
    metrics: false,
    skipProcessEventRegistration: true,
  });
  const provider = await SandboxProvider.open(
    logger,
    webhooksTo(config.PAYMENT_SANDBOX_WEBHOOK_URL.map((url) => new URL(url))),
  );
  const server = new SandboxServer(provider, apiKey());
  const port = await server.listen(config.PAYMENT_SANDBOX_PORT, probe.NODE_HOST);
  stopOnce(async () => {
    await server.close();
    await provider.close();
  });
  say(`The sandbox payment provider listens on http://${probe.NODE_HOST}:${port}`);
}

/** A terminal and a launcher may both pass the same Ctrl-C on. */
function stopOnce(close: () => Promise<void>): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void close().then(() => process.exit(0));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
}

provide().catch(giveUp);
