/** @databases sqlite postgres */
import { newId } from "#core/id.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { verified, WebhookReceiver } from "../../test/support/actors/webhook-receiver.ts";
import { call, database, happens, start, stop } from "../../test/support/systems/webhook-service.ts";
import { config } from "./webhook.config.ts";

const opened: WebhookReceiver[] = [];
beforeAll(start);
afterAll(async () => {
  await stop();
  for (const receiver of opened) await receiver.close();
});

const code = (type: string) => expect.objectContaining({ type });

type Events = Parameters<typeof call<"webhook.createEndpoint">>[1]["events"];

/** A receiver that is registered for these events. */
async function registered(events: Events = ["order.confirmed"]) {
  const receiver = await WebhookReceiver.open();
  opened.push(receiver);
  const endpoint = await call("webhook.createEndpoint", { url: receiver.url, events });
  /** The log of its deliveries, newest first, once none of them waits. */
  const ended = (least = 1) =>
    eventually(async () => {
      const { items } = await call("webhook.listDeliveries", { id: endpoint.id, limit: 100 });
      return items.length >= least && items.every(({ status }) => status !== "waiting") ? items : null;
    });
  return { receiver, endpoint, ended };
}

describe("an event", () => {
  it("is sent to those who asked for it, signed, and logged", async () => {
    const [asked, other] = [await registered(), await registered(["content.failed"])];
    const data = { orderId: newId(), userId: newId() };
    const eventId = await happens("order.confirmed", data);
    const [delivery] = await asked.ended();
    const [received] = asked.receiver.received;
    expect(verified(asked.endpoint.secret, received!)).toMatchObject({ type: "order.confirmed", version: 1, data });
    expect(() => verified(other.endpoint.secret, received!)).toThrow();
    expect(received!.headers).toMatchObject({ "webhook-id": eventId, "content-type": "application/json" });
    expect(delivery).toMatchObject({ eventId, status: "delivered", attempts: 1, nextAttemptAt: null });
    await expect(call("webhook.getDelivery", { id: delivery!.id })).resolves.toMatchObject({
      body: received!.body,
      log: [{ status: 204, error: null }],
    });
    expect(other.receiver.received).toEqual([]);
  });

  it("that comes again is sent once", async () => {
    const { receiver, ended } = await registered();
    const id = await happens("order.confirmed", {});
    await ended();
    await database().write(async (tx) => void (await tx.query.deleteFrom("inbox" as never).execute()));
    await happens("order.confirmed", {}, id);
    await happens("order.confirmed", {});
    await ended(2);
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([id, expect.not.stringMatching(id)]);
  });

  it("that nobody asked for leaves nothing", async () => {
    const count = () =>
      database()
        .query.selectFrom("inbox" as never)
        .selectAll()
        .execute();
    const before = await count();
    await happens("content.removed", { videoId: newId() });
    await expect(count()).resolves.toEqual(before);
  });
});

describe("webhook.createEndpoint", () => {
  it("shows the secret once", async () => {
    const { endpoint } = await registered();
    expect(endpoint.secret).toMatch(/^whsec_[\w+/]{43}=$/);
    const shown = JSON.stringify([
      await call("webhook.getEndpoint", { id: endpoint.id }),
      await call("webhook.listEndpoints", { limit: 100 }),
    ]);
    expect(shown).not.toMatch(/whsec_|secret/);
  });

  it("rejects addresses that are not on the internet, and tells which field is wrong", async () => {
    await expect(
      call("webhook.createEndpoint", { url: "https://169.254.169.254/", events: ["order.placed"] }),
    ).rejects.toMatchObject({ type: "VALIDATION_FAILED", data: { errors: [{ pointer: "/url" }] } });
  });

  it("rejects with ENDPOINTS_FULL what is more than can be registered, also when all are made at once", async () => {
    const { items } = await call("webhook.listEndpoints", { limit: 100 });
    const most = config.WEBHOOK_ENDPOINTS;
    const url = "https://shop.example.com/";
    const making = Array.from({ length: most }, () =>
      call("webhook.createEndpoint", { url, events: ["content.failed"] }),
    );
    const ends = await Promise.allSettled(making);
    const made = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value.id] : []));
    expect(made).toHaveLength(most - items.length);
    expect(ends.filter((end) => end.status === "rejected").map(({ reason }) => reason as unknown)).toEqual(
      items.map(() => code("WEBHOOK_ENDPOINTS_FULL")),
    );
    await Promise.all(made.map((id) => call("webhook.removeEndpoint", { id })));
  });
});

describe("webhook.editEndpoint", () => {
  it("pauses: what happens meanwhile comes when it is active again", async () => {
    const { receiver, endpoint, ended } = await registered();
    const { version } = await call("webhook.editEndpoint", { id: endpoint.id, status: "paused" });
    await happens("order.confirmed", {});
    await expect(call("webhook.sendTest", { id: endpoint.id })).rejects.toEqual(code("WEBHOOK_NOT_ACTIVE"));
    expect(receiver.received).toEqual([]);
    await call("webhook.editEndpoint", { id: endpoint.id, version, status: "active" });
    await ended();
    expect(receiver.received).toHaveLength(1);
    await expect(call("webhook.editEndpoint", { id: endpoint.id, version, description: "late" })).rejects.toEqual(
      code("STALE_VERSION"),
    );
  });
});

describe("webhook.removeEndpoint", () => {
  it("takes the log with it", async () => {
    const { endpoint, ended } = await registered();
    await happens("order.confirmed", {});
    const [delivery] = await ended();
    await call("webhook.removeEndpoint", { id: endpoint.id });
    await expect(call("webhook.getDelivery", { id: delivery!.id })).rejects.toEqual(code("NOT_FOUND"));
    await expect(
      database().query.selectFrom("attempts").selectAll().where("delivery_id", "=", delivery!.id).execute(),
    ).resolves.toEqual([]);
  });
});

describe("webhook.sendTest", () => {
  it("sends a message that says what it is, once for its key", async () => {
    const { receiver, endpoint, ended } = await registered();
    const key = newId();
    const tests = [1, 2].map(() => call("webhook.sendTest", { id: endpoint.id }, key));
    const [one, two] = await Promise.all(tests);
    expect(one).toEqual(two);
    await ended();
    expect(receiver.received.map((received) => verified(endpoint.secret, received))).toMatchObject([
      { type: "webhook.test", data: { endpointId: endpoint.id } },
    ]);
  });
});

describe("user.deleted", () => {
  it("removes what was sent about them, and tells those who asked for it", async () => {
    const { receiver, ended } = await registered(["order.placed", "user.deleted"]);
    const userId = newId();
    await happens("order.placed", { userId });
    await ended();
    await happens("user.deleted", { userId });
    const left = await eventually(async () => {
      const deliveries = await ended();
      return deliveries.some(({ type }) => type === "user.deleted") ? deliveries : null;
    });
    expect(left.map(({ type }) => type)).toEqual(["user.deleted"]);
    expect(JSON.parse(receiver.received.at(-1)!.body)).toMatchObject({ type: "user.deleted", data: { userId } });
  });
});
