/** A real NATS server with deploy/nats.conf: each user does what its service does, and nothing of another's. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AckPolicy,
  connect,
  DeliverPolicy,
  ErrorCode,
  type JetStreamManager,
  type NatsConnection,
  type NatsError,
} from "nats";
import { ServiceBroker } from "moleculer";
import { findBinary } from "../../scripts/cluster/binaries.ts";
import { answers, type Server, startServer } from "../../scripts/cluster/server.ts";
import { callsOf, ownerOf, serviceNames, subscriptionsOf } from "../../scripts/graph.ts";
import { passwordVariable } from "../../scripts/nats-users.ts";
import { contracts, root } from "../support/source.ts";

const file = join(root, "deploy/nats.conf");
const users = ["detection", "node", ...serviceNames];
const passwordOf = (user: string): string => `secret-of-${user}`;

let folder: string;
let server: Omit<Server, "url">;
const connections = new Map<string, Promise<NatsConnection>>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "madang-nats-"));
  const passwords = users.map((user) => [passwordVariable(user), passwordOf(user)]);
  server = await startServer({
    name: "nats",
    options: { folder },
    command: (port) => ({
      command: [findBinary("nats-server"), "-c", file, "-a", "127.0.0.1", "-p", `${port}`, "-sd", folder],
      env: { ...process.env, ...Object.fromEntries(passwords) },
    }),
    isReady: (port) => answers(port, "PING\r\n", "INFO"),
  });
});
afterAll(async () => {
  await Promise.all([...connections.values()].map(async (connection) => (await connection).close()));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const signIn = (user: string): Promise<NatsConnection> =>
  connect({
    port: server.port,
    user,
    pass: passwordOf(user),
    inboxPrefix: user === "detection" ? "_INBOX" : `_INBOX_${user}`,
    timeout: 2000,
  });

/** One connection for each user, kept. */
function as(user: string): Promise<NatsConnection> {
  const connection = connections.get(user) ?? signIn(user);
  connections.set(user, connection);
  return connection;
}

/** Whether the server lets this user listen there. */
async function maySubscribe(user: string, subject: string): Promise<boolean> {
  const connection = await as(user);
  const subscription = connection.subscribe(subject);
  await connection.flush();
  const may = !subscription.isClosed();
  subscription.unsubscribe();
  return may;
}

/** Whether what this user publishes there arrives. */
async function mayPublish(user: string, subject: string): Promise<boolean> {
  const [sender, observer] = [await as(user), await as("node")];
  const mark = crypto.randomUUID();
  let seen = false;
  const subscription = observer.subscribe(subject, {
    callback: (error, message) => (seen ||= !error && message.string() === mark),
  });
  await observer.flush();
  sender.publish(subject, mark);
  await sender.flush();
  await observer.flush();
  subscription.unsubscribe();
  return seen;
}

const streams = async (user: string): Promise<JetStreamManager> =>
  (await as(user)).jetstreamManager({ checkAPI: false });

const consumer = (service: string) => ({ durable_name: `v1-${service}`, ack_policy: AckPolicy.Explicit });

const from = (seq: number) => ({ opt_start_seq: seq, deliver_policy: DeliverPolicy.StartSequence });

const refusal = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: NatsError) => error.code,
  );

const isEdge = (service: string) => contracts.get(service)?.edge !== undefined;
const services = serviceNames.filter((name) => !isEdge(name));
const readersOf = (service: string) =>
  services.filter((one) => subscriptionsOf(one).some((event) => ownerOf(event) === service));
const others = (service: string) => serviceNames.filter((one) => one !== service);

describe("deploy/nats.conf", () => {
  it("names every password by a variable", () => {
    const text = [file, join(root, "deploy/nats.users.conf")].map((path) => readFileSync(path, "utf8")).join("");
    const passwords = [...text.matchAll(/^\s+password: (.*)$/gm)].map(([, value]) => value!);
    expect(passwords.toSorted()).toEqual(users.map((user) => `$${passwordVariable(user)}`).toSorted());
  });
});

describe.each(serviceNames)("the NATS user %s", (service) => {
  it("hears its own nodes' mail and no other's", async () => {
    for (const packet of ["REQ", "RES", "EVENT", "INFO", "DISCOVER", "PING", "PONG"])
      expect([packet, await maySubscribe(service, `MOL.${packet}.${service}.host-1`)]).toEqual([packet, true]);
    for (const subject of ["MOL.REQ.>", "MOL.RES.>", "MOL.>", "_INBOX.>", ">", "madang.event.>"])
      expect([subject, await maySubscribe(service, subject)]).toEqual([subject, false]);
    for (const other of others(service))
      for (const subject of [`MOL.REQ.${other}.host-1`, `MOL.RES.${other}.host-1`, `_INBOX_${other}.>`])
        expect([subject, await maySubscribe(service, subject)]).toEqual([subject, false]);
  });

  it("asks the services that its source calls, and itself", async () => {
    const asked = await Promise.all(
      serviceNames.map(async (one) => [one, await mayPublish(service, `MOL.REQ.${one}.host-1`)] as const),
    );
    const called = isEdge(service) ? serviceNames : [service, ...callsOf(service).map(ownerOf)];
    expect(asked.filter(([, may]) => may).map(([one]) => one)).toEqual([...new Set(called)].toSorted());
  });

  it("publishes no event of another service", async () => {
    expect(await mayPublish(service, `madang.event.${service}.created`)).toBe(!isEdge(service));
    for (const other of others(service)) expect(await mayPublish(service, `madang.event.${other}.created`)).toBe(false);
  });
});

describe.each(services)("the streams of %s", (service) => {
  beforeAll(async () => {
    const subjects = [`madang.event.${service}.>`];
    await (await streams(service)).streams.add({ name: `madang-${service}`, subjects });
  });

  it("are published, made and changed by itself alone", async () => {
    const own = await streams(service);
    await own.streams.update(`madang-${service}`, { max_age: 1_000_000_000_000 });
    await own.streams.info(`madang-${service}`);
    const { stream } = await (await as(service)).jetstream().publish(`madang.event.${service}.made`, "{}");
    expect(stream).toBe(`madang-${service}`);
    for (const forbidden of ["delete", "purge"] as const)
      expect(await refusal(own.streams[forbidden](`madang-${service}`))).toBe(ErrorCode.PermissionsViolation);
  });

  it("are read by the services that subscribe, each in its own name", async () => {
    const { seq } = await (await as(service)).jetstream().publish(`madang.event.${service}.made`, "{}");
    for (const reader of readersOf(service)) {
      const [manager, config] = [await streams(reader), consumer(reader)];
      await manager.consumers.add(`madang-${service}`, { ...config, ...from(seq) });
      const pull = await (await as(reader)).jetstream().consumers.get(`madang-${service}`, config.durable_name);
      const message = await pull.next({ expires: 2000 });
      expect(message?.seq).toBe(seq);
      expect(await message!.ackAck()).toBe(true);
      await manager.consumers.delete(`madang-${service}`, config.durable_name);
    }
  });

  it("are closed to everybody else", async () => {
    const stream = `madang-${service}`;
    for (const other of others(service)) {
      const manager = await streams(other);
      const refused = [
        manager.consumers.add(stream, consumer(service)),
        manager.streams.purge(stream),
        manager.streams.getMessage(stream, { seq: 1 }),
        ...(readersOf(service).includes(other) ? [] : [manager.consumers.add(stream, consumer(other))]),
      ];
      for (const work of refused) expect(await refusal(work)).toBe(ErrorCode.PermissionsViolation);
    }
  });
});

describe("failure detection", () => {
  it("hears that a node's connection ended, and nothing else of the system account", async () => {
    const detection = await as("detection");
    const heard = detection.subscribe("$SYS.ACCOUNT.*.DISCONNECT", { max: 1 });
    await detection.flush();
    await (await signIn("order")).close();
    for await (const message of heard) expect(message.json()).toMatchObject({ client: { user: "order" } });
    for (const subject of ["$SYS.>", "$SYS.ACCOUNT.>", "$SYS.SERVER.>", ">"])
      expect(await maySubscribe("detection", subject)).toBe(false);
    expect(await refusal(detection.request("$SYS.REQ.ACCOUNT.APP.CONNZ"))).toBe(ErrorCode.PermissionsViolation);
  });
});

describe("Moleculer", () => {
  const node = (user: string) =>
    new ServiceBroker({
      nodeID: `${user}.host-1`,
      logger: false,
      transporter: { type: "NATS", options: { servers: `127.0.0.1:${server.port}`, user, pass: passwordOf(user) } },
    });

  it("calls across these users", async () => {
    const [order, product] = [node("order"), node("product")];
    product.createService({ name: "product", actions: { echo: ({ params }) => params } });
    await Promise.all([order.start(), product.start()]);
    await order.waitForServices("product");
    expect(await order.call("product.echo", { text: "hello" })).toEqual({ text: "hello" });
    await Promise.all([order.stop(), product.stop()]);
  });
});
