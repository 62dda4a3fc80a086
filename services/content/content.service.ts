/** Films and series: staff describe and publish them, customers find them, and other services ask what may be watched. */
import { now } from "#core/clock.ts";
import { implement } from "#core/implement.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import { storageOf } from "#mixins/storage/open.ts";
import * as artwork from "./artwork.transition.ts";
import { content } from "./content.contract.ts";
import { detailsOf, published, summaries } from "./content.projection.ts";
import * as videos from "./content.repository.ts";
import type { ContentTables, Tx } from "./content.tables.ts";
import * as encodings from "./encoding.transition.ts";
import { encoder } from "./encoding/encoder.mixin.ts";
import * as moves from "./content.transition.ts";
import * as details from "./detail.repository.ts";
import * as people from "./people.repository.ts";
import { offer, playable } from "./playable.repository.ts";
import { seedSample } from "./sample.repository.ts";
import * as search from "./search.repository.ts";
import { sweep } from "./sweep.mixin.ts";
import { uploads } from "./upload.mixin.ts";

export default implement(content, {
  mixins: [
    database<ContentTables>({
      migrations: new URL("./migrations/", import.meta.url),
      shown: ["videos.titles", "people.name", "people.name_ko", "genres.name", "genres.name_ko"],
      remembered: true,
    }),
    audit(),
    outbox(),
    idempotency(),
    encoder(),
    uploads(),
    sweep(),
  ],

  actions: {
    list(ctx) {
      return search.search(this.db, ctx.params);
    },

    get(ctx) {
      const { id } = ctx.params;
      return this.db.recall(id, async () => ({
        value: await published(this.db, await videos.findPublished(this.db, id)),
        until: null,
      }));
    },

    async getNext(ctx) {
      const next = await search.next(this.db, await videos.findPublished(this.db, ctx.params.id));
      return { next: next && (await summaries(this.db, [next]))(next) };
    },

    listDetails(ctx) {
      return search.listDetails(this.db, ctx.params);
    },

    async getDetails(ctx) {
      return detailsOf(this.db, await videos.find(this.db, ctx.params.id));
    },

    create(ctx) {
      return this.idempotency.once(ctx, async (tx: Tx) => {
        const id = (await videos.insert(tx, ctx.params))!;
        await details.set(tx, id, ctx.params);
        return detailsOf(tx, await videos.find(tx, id));
      });
    },

    async update(ctx) {
      const { id, version } = ctx.params;
      return this.db.write(async (tx) => {
        await videos.update(tx, await videos.take(tx, id, version), ctx.params);
        await details.set(tx, id, ctx.params);
        return detailsOf(tx, await videos.find(tx, id));
      });
    },

    async publish(ctx) {
      return this.db.write(async (tx) => {
        await moves.publish(tx, { outbox: this.outbox, cause: ctx }, ctx.params);
        return detailsOf(tx, await videos.find(tx, ctx.params.id));
      });
    },

    async withdraw(ctx) {
      return this.db.write(async (tx) => {
        await moves.withdraw(tx, { outbox: this.outbox, cause: ctx }, ctx.params);
        return detailsOf(tx, await videos.find(tx, ctx.params.id));
      });
    },

    async remove(ctx) {
      const { id } = ctx.params;
      const cancelled = await this.db.write(async (tx) => {
        await moves.remove(tx, { outbox: this.outbox, cause: ctx }, ctx.params);
        tx.afterCommit(() => this.sweep.wake());
        return encodings.cancel(tx, id);
      });
      if (cancelled !== null) this.encoder.ended(cancelled);
      return null;
    },

    async createEncoding(ctx) {
      const sourceId = await encodings.sourceOf(this.db, await storageOf(this.broker), ctx.params);
      return this.idempotency.once(ctx, async (tx: Tx) => {
        tx.afterCommit(() => this.encoder.wake());
        return encodings.begin(tx, { ...ctx.params, sourceId });
      });
    },

    async getEncoding(ctx) {
      return encodings.shown(this.db, await encodings.last(this.db, ctx.params.id));
    },

    async watchEncoding(ctx) {
      const { id, after = 0 } = ctx.params;
      const row = await encodings.last(this.db, id);
      if (row.revision <= after) return { items: [] };
      const data = await encodings.shown(this.db, row);
      return { items: [{ id: `${row.revision}`, event: "encoding.changed", data }] };
    },

    async cancelEncoding(ctx) {
      const { id } = ctx.params;
      await videos.find(this.db, id);
      const cancelled = await this.db.write((tx) => encodings.cancel(tx, id));
      if (cancelled !== null) this.encoder.ended(cancelled);
      this.encoder.tell(id);
      return null;
    },

    getPoster(ctx) {
      return artwork.poster(this, ctx.params);
    },

    async setPoster(ctx) {
      const { id, version } = ctx.params;
      const posterId = await artwork.addPoster(this, ctx.params);
      return this.db.write(async (tx) => {
        await videos.take(tx, id, version);
        tx.add(videos.choosePoster(id, posterId));
        return detailsOf(tx, await videos.find(tx, id));
      });
    },

    removePoster(ctx) {
      const { id, version } = ctx.params;
      return this.db.write(async (tx) => {
        await videos.take(tx, id, version);
        tx.add(videos.choosePoster(id, null));
        return null;
      });
    },

    listSubtitles(ctx) {
      return artwork.listed(this, ctx.params.id);
    },

    setSubtitles(ctx) {
      return artwork.setSubtitles(this, ctx.params);
    },

    async removeSubtitles(ctx) {
      await artwork.removeSubtitles(this, ctx.params);
      return null;
    },

    listPeople(ctx) {
      return people.list(this.db, ctx.params);
    },

    getPerson(ctx) {
      return people.find(this.db, ctx.params.id);
    },

    createPerson(ctx) {
      return this.idempotency.once(ctx, (tx: Tx) => people.add(tx, ctx.params));
    },

    updatePerson(ctx) {
      return this.db.write((tx) => people.update(tx, ctx.params));
    },

    async listGenres() {
      return { items: await people.listGenres(this.db) };
    },

    setGenre(ctx) {
      return this.db.write((tx) => people.setGenre(tx, ctx.params));
    },

    offer(ctx) {
      return offer(this.db, ctx.params, ctx.meta.language, now());
    },

    seed() {
      return this.db.write(async (tx) => {
        tx.afterCommit(() => this.encoder.wake());
        return { added: await seedSample(tx) };
      });
    },

    getPlayable(ctx) {
      return playable(this.db, ctx.params, ctx.meta.language, now());
    },
  },
});
