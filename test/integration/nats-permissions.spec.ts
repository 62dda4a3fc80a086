/** A real NATS server with deploy/nats.conf: each user does what its service does, and nothing of another's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AckPolicy, connect, ErrorCode } from "nats";
import { ServiceBroker } from "moleculer";
import { passwordVariable } from "../../scripts/nats-users.ts";
import { GuardedNats } from "#mixins/node/nats.transporter.ts";
import { keepStreams } from "#mixins/bus/nats/deployment.ts";
import { ownerOf, sourcesOf, streamPlans } from "#mixins/bus/nats/plan.ts";
import { nodeUses } from "#mixins/node/revocations.ts";
import { NatsUsers, refusal } from "../support/systems/nats-users.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { contracts, root, serviceNames } from "../support/fixtures/source.ts";

const users = ["detection", "guest", "node", "streams", ...serviceNames];
const denied = ErrorCode.PermissionsViolation;
let server: NatsUsers;

beforeAll(async () => {
  server = await NatsUsers.start();
});
afterAll(() => server.dispose());

const isGateway = (service: string) => contracts.get(service)?.gateway !== undefined;
const services = serviceNames.filter((name) => !isGateway(name));
const readersOf = (service: string) => services.filter((one) => sourcesOf(contracts.get(one)!).includes(service));
const others = (service: string) => serviceNames.filter((one) => one !== service);
const broadcasts = ["DISCOVER", "INFO", "DISCONNECT", "HEARTBEAT", "PING"];
const mail = ["REQ", "RES", "EVENT", "DISCOVER", "INFO", "PING", "PONG"];

describe("deploy/nats.conf", () => {
  it("names every password by a variable", () => {
    const files = ["nats.conf", "nats.users.conf", "nats.guests.conf"];
    const text = files.map((path) => readFileSync(join(root, "deploy", path), "utf8")).join("");
    const passwords = [...text.matchAll(/^\s+password: (.*)$/gm)].map(([, value]) => value!);
    expect(passwords.toSorted()).toEqual(users.map((user) => `$${passwordVariable(user)}`).toSorted());
  });

  it("has no two imports that NATS could take for a cycle, whichever account it reads first", () => {
    const imports = (path: string) =>
      [...readFileSync(join(root, "deploy", path), "utf8").matchAll(/subject: "(\S+)" }, to: "(\S+)"/g)].map(
        ([, from, to]) => ({ from: from!.split("."), to: to!.split(".") }),
      );
    const meet = (a: readonly string[], b: readonly string[]): boolean => {
      if (a[0] === ">" || b[0] === ">") return a.length > 0 && b.length > 0;
      if (a.length === 0 || b.length === 0) return a.length === b.length;
      return (a[0] === b[0] || a[0] === "*" || b[0] === "*") && meet(a.slice(1), b.slice(1));
    };
    const [ours, theirs] = [imports("nats.users.conf"), imports("nats.guests.conf")];
    expect(Math.min(ours.length, theirs.length)).toBeGreaterThan(0);
    expect(ours.filter(({ from }) => theirs.some(({ to }) => meet(from, to)))).toEqual([]);
    expect(theirs.filter(({ from }) => ours.some(({ to }) => meet(from, to)))).toEqual([]);
  });
});

describe.each(serviceNames)("the NATS user %s", (service) => {
  it("hears news, its own nodes' mail and no other's", async () => {
    for (const topic of broadcasts)
      expect([topic, await server.maySubscribe(service, `MOL.*.${topic}`)]).toEqual([topic, true]);
    for (const packet of mail)
      expect([packet, await server.maySubscribe(service, `MOL.*.${packet}.${service}.host-1`)]).toEqual([packet, true]);
    const wide = [">", "MOL.>", "MOL.*.>", "MOL.*.*.>", "MOL.*.REQ.>", "MOL.*.*.*.>", "MOL.*.*.*.host-1"];
    for (const subject of [...wide, "*.>", "MOL.guest.>", "_INBOX.>", "_INBOX_node.>", "_INBOX_streams.>"])
      expect([subject, await server.maySubscribe(service, subject)]).toEqual([subject, false]);
    for (const subject of ["madang.event.>", `madang.event.${service}.>`, "$JS.>", "$JS.EVENT.ADVISORY.>", "$SYS.>"])
      expect([subject, await server.maySubscribe(service, subject)]).toEqual([subject, false]);
    for (const other of others(service))
      for (const subject of [`MOL.*.REQ.${other}.host-1`, `MOL.${service}.RES.${other}.host-1`, `_INBOX_${other}.>`])
        expect([subject, await server.maySubscribe(service, subject)]).toEqual([subject, false]);
  });

  it("speaks in its own name only", async () => {
    const inNameOf = (from: string) => [
      ...broadcasts.map((topic) => `MOL.${from}.${topic}`),
      ...mail.map((topic) => `MOL.${from}.${topic}.${service}.host-1`),
    ];
    const nameless = [...broadcasts.map((topic) => `MOL.${topic}`), "MOL.REQ.user.host-1", "MOL.RES.api.host-1"];
    const names = ["node", "guest", "*", "", ...others(service)];
    expect(await server.publishable(service, [...nameless, ...names.flatMap(inNameOf)])).toEqual([]);
  });

  it("asks the services that its contract names, those that every node asks, and itself", async () => {
    const subjectOf = (one: string) => `MOL.${service}.REQ.${one}.host-1`;
    const may = await server.publishable(service, serviceNames.map(subjectOf));
    const asked = serviceNames.filter((one) => may.includes(subjectOf(one)));
    const called = isGateway(service)
      ? serviceNames
      : [service, ...[...nodeUses, ...(contracts.get(service)!.uses ?? [])].map(ownerOf)];
    expect(asked).toEqual([...new Set(called)].toSorted());
  });

  it("publishes no event of another service", async () => {
    const subjectOf = (one: string) => `madang.event.${one}.created`;
    const own = isGateway(service) ? [] : [subjectOf(service)];
    expect(await server.publishable(service, serviceNames.map(subjectOf))).toEqual(own);
  });
});

describe("streams", () => {
  const stop = new AbortController();
  let kept: Promise<void>;

  beforeAll(async () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const tell = (error: Error | null) => (error ? reject(error) : resolve());
    kept = keepStreams(server.nats.urlFor("streams"), streamPlans([...contracts.values()]), tell, stop.signal);
    await promise;
  });
  afterAll(async () => {
    stop.abort();
    await kept;
  });

  it.each(services)("of %s are read by the services that subscribe, each in its own name", async (service) => {
    const { stream, seq } = await (await server.as(service)).jetstream().publish(`madang.event.${service}.made`, "{}");
    expect(stream).toBe(`madang-${service}`);
    for (const reader of readersOf(service)) {
      const pull = await (await server.as(reader)).jetstream().consumers.get(stream, `v1-${reader}`);
      const message = await pull.next({ expires: 2000 });
      expect(message?.seq).toBe(seq);
      expect(await message!.ackAck()).toBe(true);
    }
  });

  it.each(serviceNames)("are made, changed and read past one's own consumer by no service: %s", async (service) => {
    const own = await server.streams(service);
    const everything = [
      "MOL.>",
      "MOL.*.REQ.>",
      "madang.event.>",
      "_INBOX_order.>",
      `madang.event.${service}.>`,
      "evil",
    ];
    for (const subject of everything) {
      const [name, destination] = [`evil-${service}`, { src: ">", dest: `_INBOX_${service}.>` }];
      expect(await refusal(own.streams.add({ name, subjects: [subject], republish: destination }))).toBe(denied);
    }
    for (const one of services) {
      const stream = `madang-${one}`;
      const config = { durable_name: `v1-${service}`, ack_policy: AckPolicy.Explicit };
      const refused: readonly Promise<unknown>[] = [
        own.streams.add({ name: stream, subjects: [`madang.event.${one}.>`], sources: [{ name: "madang-user" }] }),
        own.streams.update(stream, { subjects: ["MOL.>"], republish: { src: ">", dest: `_INBOX_${service}.>` } }),
        own.streams.delete(stream),
        own.streams.purge(stream),
        own.streams.getMessage(stream, { seq: 1 }),
        own.streams.deleteMessage(stream, 1),
        own.consumers.add(stream, config),
        own.consumers.add(stream, { ...config, durable_name: "evil", deliver_subject: `MOL.${one}.REQ.user.host-1` }),
        own.consumers.add(stream, { ack_policy: AckPolicy.None, deliver_subject: `_INBOX_${service}.x` }),
        own.consumers.delete(stream, `v1-${service}`),
        ...others(service).map((other) => own.consumers.info(stream, `v1-${other}`)),
        own.getAccountInfo(),
        own.streams.list().next(),
        own.consumers.list(stream).next(),
      ];
      expect(await Promise.all(refused.map(refusal))).toEqual(refused.map(() => denied));
      const taken = others(service).flatMap((other) => [
        `$JS.ACK.${stream}.v1-${other}.1.1.1.1.0`,
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.v1-${other}`,
      ]);
      expect(await server.publishable(service, taken)).toEqual([]);
    }
  });

  it("are made again when they are gone", async () => {
    const [source] = services;
    const node = await server.streams("node");
    const seen = async () => (await node.streams.info(`madang-${source}`).catch(() => null))?.created;
    const first = await seen();
    await server.nats.wipe();
    await eventually(async () => ![undefined, first].includes(await seen()), 20_000);
  });
});

describe("failure detection", () => {
  it("hears that a node's connection ended, and nothing else of the system account", async () => {
    const detection = await server.as("detection");
    const heard = detection.subscribe("$SYS.ACCOUNT.*.DISCONNECT", { max: 1 });
    await detection.flush();
    await (await connect(server.options("order"))).close();
    for await (const message of heard) expect(message.json()).toMatchObject({ client: { user: "order" } });
    for (const subject of ["$SYS.>", "$SYS.ACCOUNT.>", "$SYS.SERVER.>", ">"])
      expect(await server.maySubscribe("detection", subject)).toBe(false);
    expect(await refusal(detection.request("$SYS.REQ.ACCOUNT.APP.CONNZ"))).toBe(denied);
  });
});

describe("Moleculer", () => {
  const node = (user: string) =>
    new ServiceBroker({
      nodeID: `${user}.host-1`,
      logger: false,
      transporter: new GuardedNats({ ...server.options(user), sender: user }) as never,
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
