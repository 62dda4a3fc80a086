/** Edges: the files of films for who has a token of a session that goes on, and nothing else for anybody. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { deriveKey, mint } from "#mixins/delivery/path-token.ts";
import type { Mount } from "#mixins/http/mount.ts";
import { serviceKey } from "#mixins/node/keys.ts";
import { sendBytes } from "../../test/support/actors/http-request.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { startBroker } from "../../test/support/systems/broker.ts";

/** What the playback service would say. */
const ended = new Set<string>();
const announced: { id: string; url: string; requests: number; failures: number; leaving: boolean }[] = [];
let isAway = false;
let others: readonly { id: string; url: string }[] = [];
const playback: ServiceSchema = {
  name: "playback",
  version: 1,
  actions: {
    lookup: {
      auth: "service",
      handler({ params }: { params: { ids: string[] } }) {
        if (isAway) throw new Error("away");
        return { ended: params.ids.filter((id) => ended.has(id)) };
      },
    } as never,
    saveEdge: {
      auth: "service",
      handler: ({ params }: { params: never }) => void announced.push(params),
    } as never,
    getSteering: {
      auth: "service",
      handler: () => ({ ttl: 10, edges: [...others, announced[0]!] }),
    } as never,
  },
};

const video = "019a0000-0000-7000-8000-000000000001";
const folder = `v/${video}/r1`;
const segment = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));
const master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n240p/index.m3u8\n";
let broker: ServiceBroker;
let url: string;

beforeAll(async () => {
  const root = join(process.env.DATA_DIR!, "storage");
  process.env.EDGE_PORT = "0";
  const write = (file: string, body: string | Buffer) => {
    const path = join(root, folder, file);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, body);
  };
  write("main.m3u8", master);
  for (const rung of ["240p", "1080p"]) {
    write(`${rung}/index.m3u8`, "#EXTM3U\n");
    write(`${rung}/seg-000001.m4s`, segment);
  }
  write("secret.txt", "not for players");
  writeFileSync(join(root, "outside.m3u8"), "not for players");
  // A file that the disk cannot read.
  symlinkSync("broken.m4s", join(root, folder, "240p/broken.m4s"));
  const { default: edge } = await import("./edge.service.ts");
  broker = await startBroker([playback, edge]);
  url = (broker.getLocalService("v1.edge") as unknown as { mount: Mount }).mount.url!;
});
afterAll(() => broker.stop());
afterEach(() => {
  jest.restoreAllMocks();
  isAway = false;
});

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
const tokenFor = (of: Partial<Parameters<typeof mint>[1]> = {}, key = deriveKey(serviceKey())) =>
  mint(key, { session: newId(), folder, height: 480, expires: inAnHour(), ...of });
const get = (token: string, file: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${url}/t/${token}/${folder}/${file}`, { headers, method });
const SEGMENT = "240p/seg-000001.m4s";

describe("an edge", () => {
  it("serves a segment that may be kept for ever, whatever page asks, and whatever its query is", async () => {
    const answer = await get(tokenFor(), `${SEGMENT}?CMCD=br%3D900`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(segment);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "accept-ranges": "bytes",
      "cache-control": "private, max-age=31536000, immutable",
      "content-type": "video/iso.segment",
      "cross-origin-resource-policy": "cross-origin",
      "timing-allow-origin": "*",
    });
  });

  it("serves parts, tells that nothing changed, and answers HEAD and preflights", async () => {
    const token = tokenFor();
    const part = await get(token, SEGMENT, { range: "bytes=10-19" });
    expect([part.status, part.headers.get("content-range"), Buffer.from(await part.arrayBuffer())]).toEqual([
      206,
      "bytes 10-19/5000",
      segment.subarray(10, 20),
    ]);
    expect((await get(token, SEGMENT, { range: "bytes=5000-" })).status).toBe(416);
    const etag = part.headers.get("etag")!;
    expect((await get(token, SEGMENT, { "if-none-match": etag })).status).toBe(304);
    expect((await get(token, SEGMENT, { range: "bytes=0-0", "if-range": '"other"' })).status).toBe(200);
    const head = await get(token, SEGMENT, {}, "HEAD");
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "5000", ""]);
    const preflight = await get(token, SEGMENT, { origin: "https://a.example" }, "OPTIONS");
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
      204,
      "Range, If-None-Match, If-Range",
    ]);
    expect((await get(token, SEGMENT, {}, "POST")).status).toBe(405);
  });

  it.each([
    ["forged", () => tokenFor({}, deriveKey(Buffer.alloc(32)))],
    ["expired", () => tokenFor({ expires: Math.floor(Date.now() / 1000) - 1 })],
    ["for another film", () => tokenFor({ folder: "v/019a0000-0000-7000-8000-000000000002/r1" })],
    [
      "of a session that has ended",
      () => {
        const session = newId();
        ended.add(session);
        return tokenFor({ session });
      },
    ],
  ])("refuses a token that is %s, on playlists and segments", async (_, make) => {
    const token = make();
    for (const file of ["main.m3u8", "240p/index.m3u8", SEGMENT, "steering", "nothing.m4s"]) {
      const answer = await get(token, file);
      expect(await answer.json()).toMatchObject({
        status: 403,
        code: "EDGE_ADDRESS_REFUSED",
        instance: `/t/-/${folder}/${file}`,
      });
    }
  });

  it("tells of files that it could not read", async () => {
    const before = announced.length;
    for (let count = 0; count < 3; count += 1) expect((await get(tokenFor(), "240p/broken.m4s")).status).toBe(500);
    await eventually(() => announced.slice(before).reduce((sum, { failures }) => sum + failures, 0) === 3);
  });

  it("refuses rungs above what the token allows", async () => {
    expect((await get(tokenFor({ height: 1080 }), "1080p/seg-000001.m4s")).status).toBe(200);
    expect((await get(tokenFor(), "1080p/seg-000001.m4s")).status).toBe(403);
    expect((await get(tokenFor(), "1080p/index.m3u8")).status).toBe(403);
  });

  it("gives nothing to who climbs, encodes or guesses", async () => {
    const token = tokenFor();
    const ways = [
      "../../outside.m3u8",
      "..%2f..%2foutside.m3u8",
      "%2e%2e/%2e%2e/outside.m3u8",
      "240p/..%5c..%5coutside.m3u8",
      "240p%2Fseg-000001.m4s",
      "240p/seg-000001.m4s%00.m3u8",
      "240p//seg-000001.m4s",
      "/etc/passwd",
      "secret.txt",
      "240p",
      "240p/",
    ];
    for (const way of ways) {
      // A client would tidy the path.
      const answer = await sendBytes(
        url,
        `GET /t/${token}/${folder}/${way} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n`,
      );
      expect([way, answer.slice(9, 12)]).toEqual([way, expect.stringMatching(/^40[0-4]$/)]);
      expect(answer).not.toContain("not for players");
    }
  });

  it("names the other edges in the playlist of all rungs, and tells which to take", async () => {
    others = [{ id: "other", url: "https://other.example" }];
    const token = tokenFor();
    const playlist = await get(token, "main.m3u8");
    expect(playlist.headers.get("cache-control")).toBe("no-store");
    const self = announced[0]!.id;
    expect(await playlist.text()).toContain(
      `PATHWAY-ID="other"\nhttps://other.example/t/${token}/${folder}/240p/index.m3u8`,
    );
    expect(await (await get(token, "steering?_HLS_pathway=x")).json()).toEqual({
      VERSION: 1,
      TTL: 10,
      "PATHWAY-PRIORITY": ["other", self],
    });
  });

  it("tells that it is there, and how many requests it had", async () => {
    const before = announced.length;
    await get(tokenFor(), SEGMENT);
    const told = await eventually(() => announced.slice(before).find(({ requests }) => requests > 0));
    expect(told).toMatchObject({ url, failures: 0, leaving: false });
  });

  it("waits for what is said of a session that was not asked about for long", async () => {
    const clock = new Clock();
    const session = newId();
    const token = tokenFor({ session });
    expect((await get(token, SEGMENT)).status).toBe(200);
    ended.add(session);
    clock.advance(13_000);
    expect((await get(token, SEGMENT)).status).toBe(403);
  });

  it("stops serving a session within seconds of its end, and goes on while nobody can say", async () => {
    const clock = new Clock();
    const session = newId();
    const token = tokenFor({ session });
    expect((await get(token, SEGMENT)).status).toBe(200);
    isAway = true;
    clock.advance(15_000);
    expect((await get(token, SEGMENT)).status).toBe(200);
    isAway = false;
    ended.add(session);
    clock.advance(5000);
    // The answer that is used meanwhile is asked for again at the first request.
    await eventually(async () => (await get(token, SEGMENT)).status === 403);
    isAway = true;
    clock.advance(20_000);
    expect((await get(token, SEGMENT)).status).toBe(403);
  });

  it("refuses a token that it took before, from the second in which it expires", async () => {
    const expires = Math.floor(Date.now() / 1000) + 60;
    const token = tokenFor({ expires });
    const clock = new Clock();
    clock.stop();
    clock.advance((expires - 1) * 1000 - Date.now());
    expect((await get(token, SEGMENT)).status).toBe(200);
    clock.advance(1000);
    expect((await get(token, SEGMENT)).status).toBe(403);
  });
});
