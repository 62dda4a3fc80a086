/**
 * Pictures of products.
 * @databases sqlite postgres
 */
import sharp from "sharp";
import { newId } from "#core/id.ts";
import { DAY } from "#core/clock.ts";
import { productService, won } from "../../test/support/systems/product-service.ts";
import { draw } from "./image.mixin.ts";

const { call, callAsStaff, callAsService, callIn, create, host, pictures } = productService();

const code = (type: string) => expect.objectContaining({ type });
const gps = { IFD3: { GPSLatitudeRef: "N", GPSLatitude: "37/1 33/1 0/1" } };

/** A picture in a colour of its own, turned by a note as cameras write it, and with the place where it was taken. */
async function photo(width = 900, height = 600): Promise<string> {
  const [r, g, b] = Buffer.from(newId().replaceAll("-", "").slice(-6), "hex");
  const background = { r: r!, g: g!, b: b! };
  const drawn = sharp({ create: { width, height, channels: 3, background } })
    .withExif(gps)
    .withMetadata({ orientation: 6 });
  return (await drawn.jpeg().toBuffer()).toString("base64");
}

const add = (id: string, content: string, alt = "") => callAsStaff("product.addImage", { id, content, alt });

describe("product.addImage", () => {
  it("makes WebP and AVIF in a few widths, turned upright and without the place where it was taken", async () => {
    const { id } = await create();
    const { images, version } = await add(id, await photo(), "A moon jar");
    expect(images).toEqual([
      expect.objectContaining({ alt: "A moon jar", width: 600, height: 900, widths: [320, 800, 1600] }),
    ]);
    expect(version).toBe(2);
    const { hash } = images![0]!;
    const webp = await call("product.getWebp", { hash, width: 320 });
    const read = await sharp(Buffer.from(webp.content, "base64")).metadata();
    expect(read).toMatchObject({ format: "webp", width: 320, height: 480 });
    expect([read.exif, read.xmp, read.orientation]).toEqual([undefined, undefined, undefined]);
    const avif = await call("product.getAvif", { hash, width: 1600 });
    expect(await sharp(Buffer.from(avif.content, "base64")).metadata()).toMatchObject({
      format: "heif",
      compression: "av1",
      width: 600,
    });
    await expect(call("product.getWebp", { hash: "0".repeat(64), width: 320 })).rejects.toEqual(code("NOT_FOUND"));
  });

  it("rejects with IMAGE_INVALID what is no picture, is broken, or has too many pixels", async () => {
    const { id } = await create();
    const channels = 3 as const;
    const blank = (width: number, height: number) =>
      sharp({ create: { width, height, channels, background: "white" }, limitInputPixels: false });
    const bomb = await blank(12_000, 9000).png({ compressionLevel: 9, palette: true }).toBuffer();
    const whole = Buffer.from(await photo(), "base64");
    const animated = await blank(10, 10).gif().toBuffer();
    for (const upload of [
      bomb,
      whole.subarray(0, whole.length / 2),
      animated,
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ])
      await expect(add(id, upload.toString("base64"))).rejects.toEqual(code("PRODUCT_IMAGE_INVALID"));
    expect(await call("product.get", { id })).not.toHaveProperty("images");
  });

  it("adds a picture once, and 20 at most, also when all come at once", async () => {
    const { id } = await create();
    const same = await photo(10, 10);
    const twice = await Promise.allSettled([add(id, same), add(id, same)]);
    expect(twice.flatMap((one) => (one.status === "rejected" ? [one.reason] : []))).toEqual([
      code("PRODUCT_IMAGE_EXISTS"),
    ]);
    for (let more = 0; more < 18; more += 1) await add(id, await photo(10, 10));
    const last = await Promise.allSettled([add(id, await photo(10, 10)), add(id, await photo(11, 10))]);
    expect(last.flatMap((one) => (one.status === "rejected" ? [one.reason] : []))).toEqual([
      code("PRODUCT_IMAGES_FULL"),
    ]);
  });
});

describe("the pictures of a product", () => {
  it("are shown in an order, and say what they show in the reader's language", async () => {
    const { id } = await create();
    await add(id, await photo(10, 10), "Front");
    const { images } = await add(id, await photo(10, 10), "Back");
    const [front, back] = images!.map((one) => one.id);
    await callAsStaff("product.setImages", { id, imageIds: [back!, front!] });
    await callAsStaff("product.updateImage", { id, imageId: back!, alt: "From behind" });
    const texts = { id, language: "ko" as const, name: "항아리", images: [{ id: back!, text: "뒷면" }] };
    await callAsStaff("product.setTranslation", texts);
    const alts = async (language: "en" | "ko") =>
      (await callIn(language, "product.list", { q: "Green tea", sort: "newest" })).items
        .find((one) => one.id === id)!
        .images!.map(({ alt }) => alt);
    expect(await alts("en")).toEqual(["From behind", "Front"]);
    expect(await alts("ko")).toEqual(["뒷면", "Front"]);
    const part = callAsStaff("product.setImages", { id, imageIds: [back!] });
    await expect(part).rejects.toEqual(code("PRODUCT_IMAGE_UNKNOWN"));
    await callAsStaff("product.removeImage", { id, imageId: front! });
    expect(await alts("en")).toEqual(["From behind"]);
    const again = callAsStaff("product.removeImage", { id, imageId: front! });
    await expect(again).rejects.toEqual(code("NOT_FOUND"));
  });

  it("lose their files a day after no product shows them any more", async () => {
    const [{ id }, { id: other }] = [await create(), await create()];
    const [shared, alone] = [await photo(20, 20), await photo(20, 20)];
    const { images } = await add(id, shared);
    const hashes = [images![0]!.hash, (await add(id, alone)).images![1]!.hash];
    await add(other, shared);
    await callAsStaff("product.archive", { id });
    const isThere = (hash: string) =>
      call("product.getWebp", { hash, width: 320 }).then(
        () => true,
        () => false,
      );
    await pictures().sweep();
    expect(await Promise.all(hashes.map(isThere))).toEqual([true, true]);
    jest.spyOn(Date, "now").mockReturnValue(Date.now() + DAY + 60_000);
    await pictures().sweep();
    expect(await Promise.all(hashes.map(isThere))).toEqual([true, false]);
    jest.restoreAllMocks();
    expect((await add(other, alone)).images).toHaveLength(2);
  });
});

describe("goods of a demo", () => {
  it("are sold in variants, and drawn by a job, each once", async () => {
    const [key, name] = [newId(), `Vest ${newId()}`];
    const options = [{ name: "Size", values: [{ value: "S" }, { value: "L" }] }];
    const about = { key, name, description: "", category: "Clothes", price: won(7), stock: 3, options, isDrawn: true };
    await callAsService("product.seed", { products: [about, { ...about, key: newId(), name: `Plain ${name}` }] });
    const jobs = await callAsStaff("product.listJobs", { kind: "drawPictures" });
    const { input } = await callAsStaff("product.getJob", { id: jobs.items[0]!.id });
    const run = { input, signal: new AbortController().signal } as never;
    await draw(host(), run);
    await draw(host(), run);
    const { ids } = input as { ids: [string, string] };
    const [first, second] = await Promise.all(ids.map((id) => call("product.get", { id })));
    expect(first).toMatchObject({ name, sellable: 6, images: [{ alt: name, width: 200 }] });
    expect(second!.images![0]!.hash).not.toBe(first!.images![0]!.hash);
    const { items } = await call("product.listVariants", { id: ids[0] });
    expect(items.map(({ sku, sellable }) => [sku, sellable])).toEqual([
      [`${key}-1`, 3],
      [`${key}-2`, 3],
    ]);
  });
});
