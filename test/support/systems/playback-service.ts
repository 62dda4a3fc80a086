/** Nodes with the playback service, stand-ins for the account and content services that it asks, and people to watch. */
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { withKey, workContext } from "#core/context.ts";
import type { ActionName, EventData, EventName, Input, Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { refused, sharedError, toError } from "#core/errors.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import type { Db } from "../../../services/playback/playback.tables.ts";
import { startBroker } from "./broker.ts";
import { localService } from "./local-service.ts";

type Entitlement = Output<"account.entitle">;
type Playable = Output<"content.getPlayable">;

const refusal = refused("Refused", "거절되었습니다", "Do not ask.", "요청하지 마세요.");
const types = ["started", "ended", "watched", "rated"].map((name) => `playback.${name}`);

/** What each may watch, by person, and what there is to watch, by film. */
export const entitlements = new Map<string, Entitlement>();
export const films = new Map<string, Playable & { readonly regions?: readonly string[] }>();

const account: ServiceSchema = {
  name: "account",
  version: 1,
  actions: {
    entitle: {
      auth: "service",
      handler({ params }: { params: Input<"account.entitle"> }) {
        const found = entitlements.get(params.userId);
        if (!found) throw toError("ACCOUNT_NOT_ENTITLED", refusal);
        return { ...found, profile: { ...found.profile, id: params.profileId } };
      },
    } as never,
    getProfile: {
      auth: "customer",
      handler: ({ params: { id } }: { params: { id: string } }) => ({ id }),
    } as never,
  },
};

const content: ServiceSchema = {
  name: "content",
  version: 1,
  actions: {
    getPlayable: {
      auth: "service",
      handler({ params: { videoId, region } }: { params: Input<"content.getPlayable"> }) {
        const film = films.get(videoId);
        if (!film) throw sharedError("NOT_FOUND");
        const { regions, ...playable } = film;
        if (regions && (region === null || !regions.includes(region))) throw toError("CONTENT_NOT_AVAILABLE", refusal);
        return playable;
      },
    } as never,
  },
};

/** The services that playback asks. */
export const standIns: readonly ServiceSchema[] = [account, content];

/** A film of 100 minutes. */
export function newFilm(of: Partial<Playable> & { readonly regions?: readonly string[] } = {}): string {
  const videoId = newId();
  films.set(videoId, {
    videoId,
    title: "Rain",
    durationMs: 6_000_000,
    rating: 12,
    path: `v/${videoId}/r1`,
    manifest: "main.m3u8",
    rungs: [240, 480, 1080].map((height) => ({ height, bandwidth: height * 2000 })),
    chapters: [],
    next: null,
    until: null,
    ...of,
  });
  return videoId;
}

/** Somebody with a subscription and a profile. */
export class Viewer {
  readonly id = newId();
  readonly profileId = newId();

  constructor(of: Partial<Omit<Entitlement, "profile">> & { readonly maxRating?: number | null } = {}) {
    const { maxRating = null, ...rest } = of;
    entitlements.set(this.id, {
      source: "subscription",
      plan: "standard",
      maxStreams: 2,
      maxHeight: 1080,
      until: null,
      ...rest,
      profile: { id: this.profileId, name: "Mina", language: "en", isKids: maxRating !== null, maxRating },
    });
  }
}

export class PlaybackNode {
  readonly broker: ServiceBroker;
  readonly events: readonly Envelope[];

  private constructor(broker: ServiceBroker, events: readonly Envelope[]) {
    this.broker = broker;
    this.events = events;
  }

  static async open(...others: ServiceSchema[]): Promise<PlaybackNode> {
    const { default: service } = await import("../../../services/playback/playback.service.ts");
    const events: Envelope[] = [];
    const listener: ServiceSchema = {
      name: "listener",
      created(this: { broker: ServiceBroker }) {
        localBus(this.broker).subscribe("listener", types, async (received) => void events.push(...received));
      },
    };
    return new PlaybackNode(await startBroker([...standIns, service, listener, ...others]), events);
  }

  close(): Promise<void> {
    return this.broker.stop();
  }

  get db(): Db {
    return localService<{ db: Db }>(this.broker, "playback").db;
  }

  /** Calls as this person, whom the gateway sees in this region. */
  async as<N extends ActionName>(
    { id }: { readonly id: string },
    name: N,
    params: Input<N>,
    { region = "KR", key }: { readonly region?: string; readonly key?: string } = {},
  ): Promise<Output<N>> {
    const accessToken = await signAccessToken({ id, roles: ["customer"], session: newId() });
    const options = { meta: { accessToken, region } };
    return this.broker.call(name, params, key === undefined ? options : withKey(key, options));
  }

  /** Calls as another service. */
  asService<N extends ActionName>(name: N, params: Input<N>): Promise<Output<N>> {
    return workContext(localService(this.broker, "account")).call(name, params);
  }

  start(viewer: Viewer, videoId: string, more: Partial<Input<"playback.createSession">> = {}) {
    return this.as(viewer, "playback.createSession", { profileId: viewer.profileId, videoId, ...more });
  }

  beat(viewer: Viewer, id: string, sequence: number, positionMs?: number) {
    const report = positionMs === undefined ? {} : { positionMs };
    return this.as(viewer, "playback.refreshSession", { id, sequence, ...report });
  }

  history(viewer: Viewer) {
    return this.as(viewer, "playback.listHistory", { profileId: viewer.profileId });
  }

  async publish<E extends EventName>(type: E, data: EventData<E>): Promise<void> {
    const cause = { time: timestamp(), source: "spec", subject: `spec:${newId()}` };
    const ids = { correlationId: newId(), causationId: newId() };
    await localBus(this.broker).publish([{ id: newId(), type, version: 1, ...cause, ...ids, data }]);
  }

  /** The lease of a session has run out. */
  async lapse(id: string): Promise<void> {
    await this.db.write(({ query }) =>
      query.updateTable("playback_sessions").set({ lease_until: 0 }).where("id", "=", id).execute(),
    );
  }

  /** The published events about a session, oldest first. */
  eventsOf(sessionId: string): readonly Envelope[] {
    return this.events.filter(({ data }) => (data as { sessionId?: string }).sessionId === sessionId);
  }
}
