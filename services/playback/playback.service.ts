/** Starts, renews and ends playback, keeps what profiles watched, and chooses edges. */
import { now, timestamp } from "#core/clock.ts";
import { type Ctx, userId } from "#core/context.ts";
import { implement } from "#core/implement.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import { verify } from "#mixins/delivery/path-token.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import { CMCD_TYPE, readReport } from "./cmcd.model.ts";
import * as edges from "./edge.repository.ts";
import { forget } from "./erasure.repository.ts";
import { heartbeats } from "./heartbeat.mixin.ts";
import * as history from "./history.repository.ts";
import * as marks from "./mark.repository.ts";
import { config } from "./playback.config.ts";
import { playback } from "./playback.contract.ts";
import { pathKey, TELEMETRY, toSession, toStarted } from "./playback.projection.ts";
import type { PlaybackTables, Tx } from "./playback.tables.ts";
import { routing } from "./routing.mixin.ts";
import { sessionEnds } from "./session.mixin.ts";
import { resumeFrom } from "./session.model.ts";
import { rightsOf } from "./session.policy.ts";
import * as sessions from "./playback.repository.ts";
import { start, tellEnded } from "./session.transition.ts";

/** Where the viewer is, as the gateway knows it. */
const regionOf = ({ meta }: Ctx): string | null => meta.region ?? null;

/** Refuses a profile that is not the caller's. @throws ACCOUNT_PROFILE_NOT_FOUND */
const checkProfile = (ctx: Ctx<{ readonly profileId: string }>) =>
  ctx.call("account.getProfile", { id: ctx.params.profileId });

export default implement(playback, {
  mixins: [
    database<PlaybackTables>({ migrations: new URL("./migrations/", import.meta.url) }),
    audit(),
    outbox(),
    inbox(),
    idempotency(),
    erasure(forget),
    heartbeats(),
    sessionEnds(),
    routing(),
  ],
  actions: {
    async createSession(ctx) {
      const { profileId, videoId, deviceId, device, pin, fromStart = false, replaces } = ctx.params;
      const viewer = { userId: userId(ctx), profileId, videoId, region: regionOf(ctx) };
      const rights = await rightsOf(ctx, { ...viewer, pin });
      const { path, durationMs, chapters } = rights.playable;
      const [seen, choice] = await Promise.all([
        history.seen(this.db, profileId, videoId, viewer.userId),
        this.routing.choose(path, viewer.region),
      ]);
      const edgeId = choice.edges[0]?.id ?? null;
      const resumeMs = fromStart ? 0 : resumeFrom(seen, durationMs);
      const begun = { ...viewer, deviceId, device, replaces, resumeMs, edgeId };
      const id = await this.idempotency.once(ctx, (tx: Tx) => start(tx, this.outbox, ctx, begun, rights));
      const row = await sessions.find(this.db, id, viewer.userId);
      if (!row) throw playback.error("SESSION_OVER");
      return toStarted(row, choice.edges[0]?.url ?? "", chapters);
    },

    async getSession(ctx) {
      const row = await sessions.find(this.db, ctx.params.id, userId(ctx));
      if (!row) throw playback.error("NOT_FOUND");
      return toSession(row);
    },

    listSessions(ctx) {
      return sessions.list(this.db, userId(ctx), ctx.params, toSession);
    },

    async refreshSession(ctx) {
      const { id, sequence, positionMs } = ctx.params;
      const report = positionMs === undefined ? undefined : { sequence, positionMs };
      const row = await this.heartbeats.beat({ cause: ctx, id, userId: userId(ctx), report });
      return { leaseUntil: timestamp(row.lease_until), heartbeatMs: config.PLAYBACK_HEARTBEAT };
    },

    async removeSession(ctx) {
      const { id, positionMs, sequence } = ctx.params;
      // A page that closes has one request to say where its viewer was.
      if (positionMs !== undefined && sequence !== undefined)
        await this.heartbeats.beat({ cause: ctx, id, userId: userId(ctx), report: { positionMs, sequence } });
      const rows = await this.db.write(async (tx) => {
        const removed = await sessions.remove.own(tx, id, userId(ctx));
        tellEnded(tx, this.outbox, ctx, removed, "stopped");
        return removed;
      });
      if (rows.length === 0) throw playback.error("NOT_FOUND");
      return null;
    },

    async receiveTelemetry(ctx) {
      const { token, headers, body } = ctx.params;
      const grant = verify([pathKey()], token, TELEMETRY, Math.floor(now() / 1000));
      if (!grant) throw playback.error("SESSION_OVER");
      if (!CMCD_TYPE.test(headers["content-type"] ?? "")) throw playback.error("UNSUPPORTED_MEDIA_TYPE");
      const events = readReport(body, grant.session);
      if (!events) throw playback.error("VALIDATION_FAILED");
      await this.heartbeats.beat({ cause: ctx, id: grant.session, userId: null, events });
      return null;
    },

    listHistory(ctx) {
      return history.list(this.db, userId(ctx), ctx.params, "all");
    },

    listContinued(ctx) {
      return history.list(this.db, userId(ctx), ctx.params, "begun");
    },

    async removeHistory(ctx) {
      const { profileId, videoId } = ctx.params;
      const removed = await this.db.write((tx) => history.remove(tx, profileId, videoId, userId(ctx)));
      if (!removed) throw playback.error("NOT_FOUND");
      return null;
    },

    listWatchList(ctx) {
      return marks.list(this.db, userId(ctx), ctx.params, "kept", marks.toKept);
    },

    async saveToWatchList(ctx) {
      await checkProfile(ctx);
      const mark = marks.markOf("kept", userId(ctx), ctx.params);
      return marks.toKept(await this.db.write((tx) => marks.save(tx, mark, config.PLAYBACK_LIST_MOST)));
    },

    async removeFromWatchList(ctx) {
      await this.db.write((tx) => marks.remove(tx, marks.markOf("kept", userId(ctx), ctx.params)));
      return null;
    },

    listLikes(ctx) {
      return marks.list(this.db, userId(ctx), ctx.params, "liked", marks.toLiked);
    },

    async setLike(ctx) {
      await checkProfile(ctx);
      const { likes, videoId, profileId } = ctx.params;
      const mark = { ...marks.markOf("liked", userId(ctx), ctx.params), value: likes ? 1 : 0 };
      const about = { userId: userId(ctx), profileId, videoId, likes };
      return this.db.write(async (tx) => {
        tx.add(this.outbox.event(ctx, "playback.rated", `profile:${profileId}`, about));
        return marks.toLiked(await marks.save(tx, mark, config.PLAYBACK_LIST_MOST));
      });
    },

    async removeLike(ctx) {
      const { videoId, profileId } = ctx.params;
      await this.db.write(async (tx) => {
        await marks.remove(tx, marks.markOf("liked", userId(ctx), ctx.params));
        const about = { userId: userId(ctx), profileId, videoId, likes: null };
        tx.add(this.outbox.event(ctx, "playback.rated", `profile:${profileId}`, about));
      });
      return null;
    },

    listOwnHistory(ctx) {
      return history.listOwn(this.db, userId(ctx), ctx.params);
    },

    listOwnWatchLists(ctx) {
      return marks.listOwn(this.db, userId(ctx), ctx.params, "kept", marks.toKept);
    },

    listOwnLikes(ctx) {
      return marks.listOwn(this.db, userId(ctx), ctx.params, "liked", marks.toLiked);
    },

    async lookup(ctx) {
      const present = await sessions.present(this.db, ctx.params.ids);
      return { ended: ctx.params.ids.filter((id) => !present.has(id)) };
    },

    async saveEdge(ctx) {
      await this.db.write((tx) => edges.save(tx, ctx.params));
      return null;
    },

    async getSteering(ctx) {
      const row = await sessions.findWhosever(this.db, ctx.params.id);
      if (!row) throw playback.error("SESSION_OVER");
      const choice = await this.routing.choose(row.folder, ctx.params.region, row.edge_id);
      const best = choice.edges[0]?.id ?? null;
      if (best !== null && best !== row.edge_id)
        await this.db.write(async (tx) => tx.add(sessions.assign(row.id, best)));
      return { ttl: choice.ttl, edges: [...choice.edges] };
    },
  },

  events: {
    "account.entitlement_changed"({ data }, tx: Tx) {
      tx.add(sessions.checkAllOf(data.userId));
      tx.afterCommit(() => this.sessions.check());
    },
    async "account.profile_removed"(event, tx: Tx) {
      const { userId: user, profileId } = event.data;
      tellEnded(tx, this.outbox, event, await sessions.remove.ofProfile(tx, user, profileId), "erased");
      tx.add(history.forgetProfile(user, profileId), marks.forgetProfile(user, profileId));
    },
    async "content.removed"(event, tx: Tx) {
      tellEnded(tx, this.outbox, event, await sessions.remove.ofVideo(tx, event.data.videoId), "not_available");
    },
    "user.deleted"({ data }, tx: Tx) {
      return this.erasure.begin(tx, data.userId);
    },
  },
});
