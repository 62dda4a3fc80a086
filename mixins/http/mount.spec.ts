import { addName } from "#core/implement.ts";
import { defineContract } from "#core/contract.ts";
import { refused } from "#core/errors.ts";
import type { Service, ServiceSchema } from "moleculer";
import { startBroker } from "../../test/support/systems/broker.ts";
import { startGateway, tokenOf } from "../../test/support/systems/sample-gateway.ts";
import { Mount } from "./mount.ts";
import type { Visit } from "./visit.ts";

const contract = defineContract("shelf", {
  summary: "Files of specs",
  errors: { CLOSED: refused("It is closed", "닫혀 있습니다", "Come again.", "다시 와 주세요.") },
  actions: {},
});

async function serve(visit: Visit): Promise<void> {
  const { caller } = await visit.admit({ auth: visit.path === "/shelf/mine" ? "customer" : "public" });
  if (visit.path === "/shelf/closed") throw contract.error("CLOSED");
  if (visit.path === "/shelf/broken") throw new Error("the password is hunter2");
  if (visit.path === "/shelf/headers") {
    visit.prepare();
    return void visit.res.end(visit.query);
  }
  visit.send(200, caller?.id ?? "nobody");
}

/** A service that serves `/shelf/`. @param port null for that of the gateway */
const shelf = (port: number | null): ServiceSchema =>
  ({
    name: "shelf",
    created(this: Service) {
      const settings = { port: "SHELF_PORT", host: "SHELF_HOST" };
      addName(
        this,
        "mount",
        new Mount(this, { prefix: "/shelf/", contract, serve, port, host: "127.0.0.1", settings }),
      );
    },
    started: function (this: Service & { mount: Mount }) {
      return this.mount.open();
    },
    stopped: function (this: Service & { mount: Mount }) {
      return this.mount.close();
    },
  }) as unknown as ServiceSchema;

/** Where it is served. */
const places = {
  async "at the HTTP gateway of its process"() {
    const { broker, url } = await startGateway(shelf(null));
    return { broker, url };
  },
  async "on a port of its own"() {
    const broker = await startBroker([shelf(0)]);
    return { broker, url: (broker.getLocalService("shelf") as unknown as { mount: Mount }).mount.url! };
  },
};

describe.each(Object.entries(places))("a mount %s", (_, start) => {
  let place: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => void (place = await start()));
  afterAll(() => place.broker.stop());
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${place.url}${path}`, { headers });

  it("answers what is below its path, with the headers and limits of every answer", async () => {
    const answer = await get("/shelf/headers?a=1");
    expect([answer.status, await answer.text()]).toEqual([200, "a=1"]);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("ratelimit")).toMatch(/^"address";r=\d+/);
  });

  it("knows who asks", async () => {
    const answer = await get("/shelf/mine", { authorization: `Bearer ${await tokenOf("ann", "customer")}` });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/^[\da-f-]{36}$/)]);
    const stranger = await get("/shelf/mine");
    expect(await stranger.json()).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
  });

  it("answers failures with problems in the language of the client, and hides what is inside", async () => {
    const closed = await get("/shelf/closed", { "accept-language": "ko" });
    expect(closed.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await closed.json()).toMatchObject({ status: 409, code: "SHELF_CLOSED", title: "닫혀 있습니다" });
    const broken = await get("/shelf/broken");
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toContain("hunter2");
  });

  it("answers 404 for a path that is not below its own, and 400 for one that cannot be read", async () => {
    expect((await get("/shelf")).status).toBe(404);
    expect((await get("/shelf/%zz")).status).toBe(400);
  });
});
