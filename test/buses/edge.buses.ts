/** An edge before a store that speaks S3: what it has served once it serves again, also while the store is away. */
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { findDaemon } from "../../scripts/cluster/binaries.ts";
import { isHere } from "../support/systems/is-here.ts";
import { startVersitygw } from "../support/systems/versitygw.ts";

const folder = "v/019a0000-0000-7000-8000-000000000001/r1";
const segment = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const playback: ServiceSchema = {
  name: "playback",
  version: 1,
  actions: {
    lookup: { auth: "service", handler: () => ({ ended: [] }) } as never,
    saveEdge: { auth: "service", handler: () => null } as never,
  },
};

if (isHere(() => findDaemon("versitygw"))) {
  let server: Awaited<ReturnType<typeof startVersitygw>>;
  let broker: ServiceBroker;
  let base: string;

  async function startEdge(): Promise<void> {
    const { startBroker } = await import("../support/systems/broker.ts");
    const { default: edge } = await import("../../services/edge/edge.service.ts");
    broker = await startBroker([playback, edge]);
    const { deriveKey, mint } = await import("#mixins/delivery/path-token.ts");
    const { serviceKey } = await import("#mixins/node/keys.ts");
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const token = mint(deriveKey(serviceKey()), { session: newId(), folder, height: 480, expires });
    const { mount } = broker.getLocalService("v1.edge") as unknown as { mount: { url: string } };
    base = `${mount.url}/t/${token}/${folder}`;
  }

  beforeAll(async () => {
    server = await startVersitygw();
    const { bucket, prefix, endpoint, region, accessKey, secretKey } = server.options;
    Object.assign(process.env, {
      EDGE_PORT: "0",
      STORAGE_URL: `s3://${bucket}/${prefix}`.replace(/\/$/, ""),
      STORAGE_S3_ENDPOINT: endpoint,
      STORAGE_S3_REGION: region,
      STORAGE_S3_ACCESS_KEY: accessKey,
      STORAGE_S3_SECRET_KEY: secretKey,
    });
    const { chosenStorage } = await import("#mixins/storage/open.ts");
    const storage = await chosenStorage();
    for (const file of ["seg-000001.m4s", "seg-000002.m4s", "seg-000003.m4s"])
      await storage.put(`${folder}/240p/${file}`, segment);
    storage.close();
    await startEdge();
  });
  afterAll(async () => {
    await broker.stop();
    server.stop();
  });

  const get = (file: string, headers: Record<string, string> = {}) => fetch(`${base}/240p/${file}`, { headers });
  const bytes = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

  it("serves what the store has, whole and in part, and nothing else", async () => {
    const whole = await get("seg-000001.m4s");
    expect([whole.status, (await bytes(whole)).equals(segment)]).toEqual([200, true]);
    const part = await get("seg-000002.m4s", { range: "bytes=10-19" });
    expect([part.status, await bytes(part)]).toEqual([206, segment.subarray(10, 20)]);
    expect((await get("seg-000009.m4s")).status).toBe(404);
  });

  it("serves from its disk while the store is away, also after a restart, and answers 503 for what it does not have", async () => {
    server.stop();
    await broker.stop();
    await startEdge();
    const held = await get("seg-000001.m4s");
    expect([held.status, (await bytes(held)).equals(segment)]).toEqual([200, true]);
    const missing = await get("seg-000003.m4s");
    expect([missing.status, await missing.json()]).toMatchObject([503, { code: "SERVICE_UNAVAILABLE" }]);
  });
}
