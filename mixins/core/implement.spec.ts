import type { Service } from "moleculer";
import Type from "typebox";
import { startBroker } from "../../test/support/systems/broker.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import { action, type Block, defineContract } from "./contract.ts";
import { refused } from "./errors.ts";
import { addName, implement, type Mixin, mixin } from "./implement.ts";

const nothing = { summary: "", auth: "public", input: Type.Object({}), output: Type.Unknown() } as const;

const shop = defineContract("shop", {
  summary: "A shop",
  errors: { SOLD_OUT: refused("Sold out", "품절", "Come back later.", "나중에 다시 찾아 주세요.") },
  actions: {
    open: action({ ...nothing, rest: "GET /shop" }),
    buy: action({ ...nothing, rest: "POST /gifts" }),
    hold: action({ ...nothing, idempotent: true }),
    greet: action(nothing),
  },
});
const handlers = { open: () => null, buy: () => null, hold: () => null, greet: () => null };

const named = <Name extends string>(name: Name, story: string[] = []): Mixin<{ readonly [N in Name]: string }> =>
  mixin({
    async started() {
      await Promise.resolve();
      story.push(`${name} started`);
      addName(this, name, name);
    },
    stopped: () => void story.push(`${name} stopped`),
  });

describe("implement", () => {
  it("gives handlers the names of the service's mixins", async () => {
    const schema = implement(shop, {
      mixins: [named("till"), named("shelf")],
      actions: {
        ...handlers,
        greet() {
          return `${this.till} and ${this.shelf}`;
        },
      },
    });
    const broker = await startBroker([schema]);
    expect(await broker.call("shop.greet")).toBe("till and shelf");
    await broker.stop();
  });

  it("does not compile for what contracts do not say", () => {
    const listener = defineContract("listener", { summary: "", subscribes: ["shop.opened"], actions: {} });
    const misspelt = defineContract("misspelt", { summary: "", uses: ["shop.close"], actions: {} });
    // @ts-expect-error -- no handler of the event
    expect(() => implement(listener, { actions: {} })).toThrow(
      "The contract of listener subscribes to shop.opened: add inbox to its blocks.",
    );
    // @ts-expect-error -- no contract has the action
    implement(misspelt, { actions: {} });
    // @ts-expect-error -- the contract subscribes to nothing
    implement(defineContract("deaf", { summary: "", actions: {} }), { actions: {}, events: { "a.b": () => {} } });
  });

  it("starts mixins in the order written, before the service, and stops them the other way round", async () => {
    const story: string[] = [];
    const schema = implement(shop, {
      mixins: [named("first", story), named("second", story)],
      actions: handlers,
      started: () => void story.push("started"),
      stopped: () => void story.push("stopped"),
    });
    const broker = await startBroker([schema]);
    await broker.stop();
    expect(story).toEqual(["first started", "second started", "started", "stopped", "second stopped", "first stopped"]);
  });

  it("refuses two mixins that add the same name", async () => {
    const schema = implement(shop, { mixins: [named("till"), named("till")], actions: handlers });
    await expect(startBroker([schema])).rejects.toThrow('Two mixins add the name "till" to the service shop.');
  });

  it("refuses a mixin that hides what Moleculer's services have", async () => {
    const schema = implement(shop, { mixins: [named("broker")], actions: handlers });
    await expect(startBroker([schema])).rejects.toThrow('Two mixins add the name "broker" to the service shop.');
  });

  describe("of a building block", () => {
    const till = {
      name: "till",
      actions: (service: string) => ({ count: action({ ...nothing, rest: `GET /tills/${service}` }) }),
    } as const satisfies Block;
    const migrations = { "0001_till": { up: () => Promise.resolve() } };
    const withTill = mixin({}, { name: "till", migrations, handlers: { count: () => 7 } });
    const booth = defineContract("booth", { summary: "A booth", blocks: [till], actions: {} });

    it("has its actions and tables in every service that uses it", async () => {
      const schema = implement(booth, { mixins: [withTill], actions: {} });
      expect(booth.actions.count).toMatchObject({ rest: "GET /tills/booth" });
      expect(schema).toMatchObject({ migrations: { "till/0001_till": migrations["0001_till"] } });
      const broker = await startBroker([schema]);
      expect(await broker.call("booth.count")).toBe(7);
      await broker.stop();
    });

    it("refuses a contract with a block that the mixins lack, and a mixin that the contract does not name", () => {
      expect(() => implement(booth, { actions: {} })).toThrow(
        "The contract of booth has the block till: add till() to the service's mixins.",
      );
      const plain = defineContract("plain", { summary: "None", actions: {} });
      expect(() => implement(plain, { mixins: [withTill], actions: {} })).toThrow(
        "The service plain has the mixin till(): add till to the blocks of its contract.",
      );
    });
  });

  it("lets the broker ask again only where the contract makes that safe", () => {
    const { actions } = implement(shop, { actions: handlers });
    const retried = Object.entries(actions as Record<string, { retryPolicy: { enabled: boolean } }>)
      .filter(([, { retryPolicy }]) => retryPolicy.enabled)
      .map(([name]) => name);
    expect(retried).toEqual(["open", "hold"]);
  });

  it("publishes what gateways need to know", async () => {
    const broker = await startBroker([implement(shop, { actions: handlers })]);
    const { metadata } = localService<Service>(broker, "shop");
    expect(metadata).toEqual({ summary: "A shop", errors: shop.errors, events: {} });
    await broker.stop();
  });
});
