/** Starts a node: checks what often goes wrong, runs the services, seeds a new shop once, and says where it is. */
import { createServer } from "node:net";
import { once } from "node:events";
import { type BrokerOptions, Runner, type ServiceBroker } from "moleculer";
import { ConfigError, dataPath } from "#core/config.ts";
import { type DemoAccount, seedDemo } from "./demo/seed.ts";

/** What moleculer-runner does; but where that prints the stack of every fault, what can be mended is one sentence. */
async function serve(): Promise<void> {
  const { config: api } = await import("../services/api/api.config.ts");
  dataPath("keys", "token.jwk");
  await checkPort(api.HOST, api.PORT);

  const runner = new Runner();
  runner.processFlags(process.argv);
  // Moleculer's own merge would overwrite options with any variable of their name: METRICS=off would switch them on.
  runner.config = (await runner.loadConfigFile()) as unknown as BrokerOptions;
  const broker = await runner.startBroker();
  stopOnce(broker);
  welcome(`http://${api.HOST}:${api.PORT}`, await seedDemo(broker));
}

/** @throws ConfigError when somebody else listens there */
async function checkPort(host: string, port: number): Promise<void> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "is taken" : `cannot be opened (${code})`;
    throw new ConfigError(`The port ${port} on ${host} ${why}: set PORT or HOST to another.`);
  } finally {
    probe.close();
  }
}

/** A terminal and the launcher may both pass the same Ctrl-C on. */
function stopOnce(broker: ServiceBroker): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    console.log("Stopping: finishing what is under way …");
    void broker.stop().then(() => process.exit(0));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
}

function welcome(address: string, accounts: readonly DemoAccount[]): void {
  const lines = accounts.map(({ role, email, password }) => `    ${role.padEnd(9)} ${email.padEnd(22)} ${password}`);
  console.log(`
  Madang is open · 마당이 열렸습니다

    Address        ${address}
    Reference      ${address}/docs
    Health         ${address}/health
${lines.length > 0 ? `\n  Demo sign-ins · 데모 계정\n${lines.join("\n")}\n` : ""}
  Ctrl-C stops it · 멈추려면 Ctrl-C
`);
}

serve().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
