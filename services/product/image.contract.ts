/** Pictures of products and variants: uploaded, made smaller in a few widths, and shown in an order. */
import Type from "typebox";
import { action, type Block, job } from "#core/contract.ts";
import { Base64, Id, Nothing, Strict, Text } from "#core/schema.ts";
import { Product, Version } from "./catalogue.contract.ts";
import { LONGEST, WIDTHS } from "./image.model.ts";

const Hash = Type.String({ pattern: "^[0-9a-f]{64}$", maxLength: 64 });
const Width = Type.Integer({
  minimum: 1,
  maximum: Math.max(...WIDTHS),
  description: "Pixels across: one of the picture's `widths`",
  examples: [WIDTHS[0]],
});
const Alt = { ...Text(300, 0), description: "What it shows, for those who do not see it; empty for an ornament" };

const picture = <const M extends string>(mediaType: M) =>
  ({
    auth: "public",
    file: mediaType as M & `${string}/${string}`,
    immutable: true,
    input: Strict({ hash: Hash, width: Width }),
    output: Type.Object({
      name: Type.String({ description: "A name for the file" }),
      mediaType: Type.Literal(mediaType),
      content: Type.String({ description: "The file in Base64" }),
    }),
    errors: ["NOT_FOUND"],
  }) as const;

const changing = { auth: "staff", translated: true, concurrency: "write", output: Product } as const;
const one = { id: Id, imageId: Id, version: Type.Optional(Version) };

const actions = {
  addImage: action({
    summary: "Add a picture to a product or a variant, behind those that it has: a JPEG, PNG, WebP or AVIF",
    rest: "POST /products/:id/images",
    status: 201,
    shownBy: "get",
    auth: "staff",
    translated: true,
    timeout: 30_000,
    limit: 60,
    input: Strict({
      id: Id,
      content: Base64(LONGEST, "The file in Base64"),
      alt: Type.Optional(Alt),
    }),
    output: Product,
    errors: ["NOT_FOUND", "IMAGE_INVALID", "IMAGES_FULL", "IMAGE_EXISTS", "IMAGE_BUSY"],
  }),
  setImages: action({
    summary: "Set the order of a product's pictures; the first is its face",
    rest: "PUT /products/:id/images",
    ...changing,
    input: Strict({
      id: Id,
      version: Type.Optional(Version),
      imageIds: Type.Array(Id, { maxItems: 20, description: "All of them" }),
    }),
    errors: ["NOT_FOUND", "STALE_VERSION", "IMAGE_UNKNOWN"],
  }),
  updateImage: action({
    summary: "Change what a picture of a product is said to show",
    rest: "PATCH /products/:id/images/:imageId",
    ...changing,
    input: Strict({ ...one, alt: Alt }),
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  removeImage: action({
    summary: "Remove a picture of a product",
    rest: "DELETE /products/:id/images/:imageId",
    auth: "staff",
    concurrency: "write",
    status: 204,
    input: Strict(one),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  getWebp: action({
    summary: "A picture as WebP, which never changes: the file itself for `Accept: image/webp` or `image/*`",
    rest: "GET /products/images/:hash/webp/:width",
    ...picture("image/webp"),
  }),
  getAvif: action({
    summary: "A picture as AVIF, which never changes: the file itself for `Accept: image/avif` or `image/*`",
    rest: "GET /products/images/:hash/avif/:width",
    ...picture("image/avif"),
  }),
};

export const images = { name: "images", actions: () => actions } satisfies Block;

export const imageJobs = {
  drawPictures: job({
    summary: "Draw pictures of goods that have none",
    input: Strict({ ids: Type.Array(Id, { maxItems: 500 }) }),
    concurrency: 1,
  }),
};
