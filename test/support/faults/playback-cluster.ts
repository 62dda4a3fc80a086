/** Playback as processes: three nodes of its service and two edges, with NATS, Redis and PostgreSQL, all of which a test may kill. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import { isRefusal } from "#core/errors.ts";
import { freePort } from "../../../scripts/cluster/ports.ts";
import { type Nats, type Server, startNats, startRedis } from "../../../scripts/cluster/servers.ts";
import { eventually } from "../fixtures/eventually.ts";
import { joinCluster, NodeProcess } from "../systems/nodes.ts";
import type { Viewer } from "../systems/playback-service.ts";

type Started = Output<"playback.createSession">;

/** Loaded once the environment is set. */
const peers = () => import("../systems/playback-service.ts");

const playbackModule = ["services/playback/playback.service.ts"];
const edgeModule = ["services/edge/edge.service.ts"];

export class PlaybackCluster {
  readonly redis: Server;
  readonly #broker: ServiceBroker;
  readonly #peers: Awaited<ReturnType<typeof peers>>;
  readonly #nats: Nats;
  readonly #env: Readonly<Record<string, string>>;
  readonly #nodes = new Map<string, NodeProcess>();
  readonly #ports = new Map<string, number>();
  readonly #tokens = new Map<Viewer, string>();

  private constructor(
    broker: ServiceBroker,
    services: Awaited<ReturnType<typeof peers>>,
    { nats, redis }: { readonly nats: Nats; readonly redis: Server },
    env: Readonly<Record<string, string>>,
  ) {
    this.redis = redis;
    this.#broker = broker;
    this.#peers = services;
    this.#nats = nats;
    this.#env = env;
  }

  static async open(): Promise<PlaybackCluster> {
    const folder = (name: string) => join(process.env.DATA_DIR!, name);
    const nats = await startNats({ folder: folder("nats") });
    const redis = await startRedis({ folder: folder("redis") });
    const env = { TRANSPORTER: nats.url, BUS: "nats", REDIS_URL: redis.url };
    const broker = await joinCluster("peers", env, async () => (await peers()).standIns);
    const { makeDatabases } = await import("../systems/storage.ts");
    await makeDatabases(["playback"]);
    const cluster = new PlaybackCluster(broker, await peers(), { nats, redis }, env);
    const names = ["playback-1", "playback-2", "playback-3", "edge-1", "edge-2"];
    await Promise.all(names.map((name) => cluster.start(name)));
    await eventually(() => broker.registry.getNodeList({ onlyAvailable: true }).length === names.length + 1);
    return cluster;
  }

  /** Starts a node for the first time, or again under its name and port. */
  async start(name: string): Promise<void> {
    const isEdge = name.startsWith("edge");
    if (isEdge && !this.#ports.has(name)) this.#ports.set(name, await freePort());
    const env = { ...this.#env, ...(isEdge && { EDGE_PORT: `${this.#ports.get(name)!}` }) };
    this.#nodes.set(name, await NodeProcess.start({ id: name, services: isEdge ? edgeModule : playbackModule, env }));
  }

  /** `kill -9`. */
  async kill(name: string): Promise<void> {
    await this.#nodes.get(name)!.end("SIGKILL");
  }

  /** Which edge an address belongs to. */
  edgeOf(url: string): string {
    const [name] = [...this.#ports].find(([, port]) => new URL(url).port === `${port}`)!;
    return name;
  }

  viewer(maxStreams: number): Viewer {
    return new this.#peers.Viewer({ maxStreams });
  }

  /** A film whose files both edges have. */
  film(): string {
    const videoId = this.#peers.newFilm();
    const folder = join(process.env.DATA_DIR!, "storage", this.#peers.films.get(videoId)!.path);
    mkdirSync(join(folder, "240p"), { recursive: true });
    writeFileSync(join(folder, "main.m3u8"), "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n240p/index.m3u8\n");
    writeFileSync(join(folder, "240p/seg-000001.m4s"), "a segment");
    return videoId;
  }

  /**
   * Asks as a good client does: again, with the same key, while nobody answers.
   * @returns the answer, or the code of the refusal
   */
  async ask<N extends ActionName>(viewer: Viewer, name: N, params: Input<N>): Promise<Output<N> | string> {
    const { signAccessToken } = await import("#mixins/node/tokens.ts");
    const identity = { id: viewer.id, roles: ["customer" as const], session: newId() };
    const accessToken = this.#tokens.get(viewer) ?? (await signAccessToken(identity));
    this.#tokens.set(viewer, accessToken);
    const key = newId();
    return eventually(async () => {
      try {
        return await this.#broker.call(name, params, withKey(key, { meta: { accessToken } }));
      } catch (error) {
        return isRefusal(error) ? (error as { type: string }).type : null;
      }
    });
  }

  async begin(viewer: Viewer, videoId: string, more: Partial<Input<"playback.createSession">> = {}): Promise<Started> {
    const answer = await this.ask(viewer, "playback.createSession", { profileId: viewer.profileId, videoId, ...more });
    if (typeof answer === "string") throw new Error(answer);
    return answer;
  }

  /** The status with which the edge of this session answers for a segment; 0 for no answer. */
  async segment({ manifestUrl }: Started, edge = this.edgeOf(manifestUrl)): Promise<number> {
    const url = new URL("240p/seg-000001.m4s", manifestUrl);
    url.port = `${this.#ports.get(edge)!}`;
    return fetch(url).then(
      async (answer) => (await answer.arrayBuffer(), answer.status),
      () => 0,
    );
  }

  /** The edges that a player is told to use, best first, as this edge tells. */
  async steered({ manifestUrl }: Started, edge: string): Promise<readonly string[]> {
    const url = new URL("steering", manifestUrl);
    url.port = `${this.#ports.get(edge)!}`;
    const answer = await fetch(url);
    return ((await answer.json()) as { "PATHWAY-PRIORITY": string[] })["PATHWAY-PRIORITY"];
  }

  async close(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.end("SIGKILL")));
    await this.#broker.stop();
    await Promise.all([this.redis.stop(), this.#nats.stop()]);
  }
}
