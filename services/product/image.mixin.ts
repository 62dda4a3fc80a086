/** Adds `this.pictures`, which stores pictures of products and removes those that nothing shows; and the handlers around them. */
import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { Service } from "moleculer";
import { DAY, HOUR, now } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import type { Ctx } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import { newId } from "#core/id.ts";
import type { JobRun } from "#core/job-run.ts";
import { addName, type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { Worker } from "#mixins/queue/worker.ts";
import { storageOf } from "#mixins/storage/open.ts";
import type { images as contract } from "./image.contract.ts";
import { drawingOf } from "./drawing.model.ts";
import { folderOf, type Format, keyOf } from "./image.model.ts";
import { pictureOf, rasterOf } from "./image.provider.ts";
import * as images from "./image.repository.ts";
import { product } from "./product.contract.ts";
import * as products from "./product.repository.ts";
import type { ProductTables, Tx } from "./product.tables.ts";
import * as texts from "./translation.repository.ts";
import * as variants from "./variant.repository.ts";

interface Host extends Service {
  readonly db: Database<ProductTables>;
  readonly idempotency: Idempotency;
  readonly pictures: Pictures;
}

/** Characters of Base64: no picture is shorter, and a card number is. */
const SHORTEST = 36;
const tooShort = { en: "is too short for a picture", ko: "이미지로 보기에는 너무 짧습니다" };
/** Uploads that wait for their turn. */
const MOST_WAITING = 8;
/** Milliseconds for which files stay that no product shows: one may be about to. */
const UNUSED = DAY;
/** Files of so many pictures are removed before the next are looked for. */
const BATCH = 50;

export class Pictures {
  readonly #host: Host;
  readonly #sweeper: Worker;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(host: Host) {
    this.#host = host;
    this.#sweeper = new Worker(host.logger, () => this.sweep(), { idle: HOUR });
    // Not at once: no start waits for it.
    this.#sweeper.wake(now() + HOUR);
  }

  stop(): Promise<void> {
    return this.#sweeper.stop();
  }

  /** Stores what is made of an upload. Until a product shows it, its row says that it may go. @throws IMAGE_INVALID, IMAGE_BUSY */
  async store(upload: Buffer) {
    const hash = createHash("sha256").update(upload).digest("hex");
    const picture = await this.#inTurn(() => pictureOf(upload));
    if (!picture) throw product.error("IMAGE_INVALID");
    const { width, height, renditions } = picture;
    const file = { hash, width, height };
    await images.touch(this.#host.db, { ...file, touched_at: now() });
    const storage = await storageOf(this.#host.broker);
    for (const { format, width: across, bytes } of renditions) await storage.put(keyOf(hash, format, across), bytes);
    return file;
  }

  /** One after another: each may take a processor and much memory. @throws IMAGE_BUSY */
  async #inTurn<R>(make: () => Promise<R>): Promise<R> {
    if (this.#waiting >= MOST_WAITING) throw product.error("IMAGE_BUSY");
    this.#waiting += 1;
    const turn = this.#last.then(make, make).finally(() => (this.#waiting -= 1));
    this.#last = turn;
    return turn;
  }

  /** Removes the files that no product shows since a day. False when there are no more. */
  async sweep(): Promise<boolean> {
    const { db, broker } = this.#host;
    const storage = await storageOf(broker);
    const before = now() - UNUSED;
    const found = await db.write((tx) => images.unused(tx, before, BATCH));
    for (const { hash } of found) {
      await storage.remove(folderOf(hash));
      await images.forget(db, hash);
    }
    await storage.removeDrafts(before);
    return found.length === BATCH;
  }
}

interface About {
  readonly id: string;
  readonly version?: number;
}

/** Changes the pictures of a product, which gets a new version. @throws NOT_FOUND, STALE_VERSION */
async function change(tx: Tx, { id, version }: About, work: () => Promise<void> | void): Promise<void> {
  const parent = await variants.lockParent(tx, id);
  await products.take(tx, id, version);
  await work();
  await variants.changed(tx, id, parent, now());
}

async function file<M extends `image/${Format}`>({ broker }: Service, hash: string, width: number, mediaType: M) {
  const format = mediaType.slice("image/".length) as Format;
  const found = await (await storageOf(broker)).read(keyOf(hash, format, width));
  if (!found) throw product.error("NOT_FOUND");
  const content = (await buffer(found.stream)).toString("base64");
  return { name: `${hash.slice(0, 16)}-${width}.${format}`, mediaType, content };
}

const handlers = {
  async addImage(this: Host, ctx: Ctx<Input<"product.addImage">>) {
    const { id, content, alt = "" } = ctx.params;
    if (content.length < SHORTEST)
      throw sharedError("VALIDATION_FAILED", { errors: [{ pointer: "/content", detail: tooShort }] });
    await products.find(this.db, id, now());
    const stored = await this.pictures.store(Buffer.from(content, "base64"));
    return this.idempotency.once(ctx, async (tx) => {
      const image = { id: newId(), product_id: id, hash: stored.hash, alt };
      await change(tx, { id }, () => images.add(tx, image, { ...stored, touched_at: now() }));
      return products.find(tx, id, now(), ctx.meta.language);
    });
  },

  async setImages(this: Host, ctx: Ctx<Input<"product.setImages">>) {
    const { id, imageIds } = ctx.params;
    await this.db.write((tx) => change(tx, ctx.params, () => images.arrange(tx, id, imageIds)));
    return products.find(this.db, id, now(), ctx.meta.language);
  },

  async updateImage(this: Host, ctx: Ctx<Input<"product.updateImage">>) {
    const { id, imageId, alt } = ctx.params;
    await this.db.write((tx) => change(tx, ctx.params, () => tx.add(images.describe(id, imageId, alt))));
    return products.find(this.db, id, now(), ctx.meta.language);
  },

  async removeImage(this: Host, ctx: Ctx<Input<"product.removeImage">>) {
    const { id, imageId } = ctx.params;
    await this.db.write((tx) =>
      change(tx, ctx.params, () => tx.add(images.remove(id, imageId), texts.forget([imageId]))),
    );
    return null;
  },

  getWebp(this: Host, ctx: Ctx<Input<"product.getWebp">>) {
    return file(this, ctx.params.hash, ctx.params.width, "image/webp");
  },

  getAvif(this: Host, ctx: Ctx<Input<"product.getAvif">>) {
    return file(this, ctx.params.hash, ctx.params.width, "image/avif");
  },
} satisfies BlockHandlers<typeof contract>;

/** Milliseconds after which goods are drawn: a node that has just started has other work. */
export const DRAWING_DELAY = 10_000;

/** Draws a picture of each of these that has none. */
export async function draw(host: Pick<Host, "db" | "pictures">, { input, signal }: JobRun<{ ids: string[] }>) {
  for (const { id, name, images: known } of await products.lookup(host.db, input.ids, now())) {
    signal.throwIfAborted();
    if (known && known.length > 0) continue;
    const stored = await host.pictures.store(await rasterOf(drawingOf(name)));
    const image = { id: newId(), product_id: id, hash: stored.hash, alt: name };
    await host.db.write((tx) => change(tx, { id }, () => images.add(tx, image, { ...stored, touched_at: now() })));
  }
}

export const pictures = (): Mixin<{ readonly pictures: Pictures }> =>
  mixin<{ readonly pictures: Pictures }, Host>(
    {
      started() {
        addName(this, "pictures", new Pictures(this));
      },
      async stopped() {
        await this.pictures?.stop();
      },
    },
    { name: "images", migrations: {}, handlers },
  );
