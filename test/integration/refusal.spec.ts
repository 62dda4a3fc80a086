/** NATS that refuses a node: for good at the start it is said, for a while later it is outlasted. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker } from "moleculer";
import { findBinary } from "../../scripts/cluster/binaries.ts";
import { answers, startServer } from "../../scripts/cluster/server.ts";
import { dependenciesOf } from "#mixins/node/dependencies.ts";
import { eventually } from "../support/fixtures/eventually.ts";

const folder = mkdtempSync(join(tmpdir(), "madang-refusal-"));
const file = join(folder, "nats.conf");
const users = (password: string) =>
  writeFileSync(file, `authorization { users: [{ user: node, password: "${password}" }] }\n`);
const start = () =>
  startServer({
    name: "nats",
    options: { folder },
    command: (port) => ({ command: [findBinary("nats-server"), "-c", file, "-a", "127.0.0.1", "-p", `${port}`] }),
    isReady: (port) => answers(port, "PING\r\n", "INFO"),
  });
let server: Awaited<ReturnType<typeof start>>;
let broker: ServiceBroker;
const isLinked = () => dependenciesOf(broker).find(({ name }) => name === "transporter")?.status === "ok";

beforeAll(async () => {
  users("another");
  server = await start();
});
afterAll(async () => {
  await broker.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("says in one line that the password is wrong, without it, and lets itself in when it is right", async () => {
  Object.assign(process.env, { TRANSPORTER: `nats://node:right@127.0.0.1:${server.port}`, BUS: "local" });
  // Settings are read when it is loaded.
  const { default: config } = await import("../../moleculer.config.ts");
  broker = new ServiceBroker({ ...config, logger: false, skipProcessEventRegistration: true });
  const errors: string[] = [];
  jest.spyOn(broker.logger, "error").mockImplementation((text: string) => void errors.push(text));
  const started = broker.start();
  await eventually(() => errors.length > 0);
  expect(errors).toEqual([expect.stringMatching(/^NATS refuses .* TRANSPORTER/)]);
  expect(errors[0]).not.toContain("right@");
  users("right");
  await server.restart();
  await started;
  expect(isLinked()).toBe(true);
});

it("outlasts refusals once it was let in", async () => {
  users("another");
  await server.restart();
  await eventually(() => !isLinked());
  // More than two attempts.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  users("right");
  await server.restart();
  await eventually(isLinked);
});
