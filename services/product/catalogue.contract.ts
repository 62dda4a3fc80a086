/** Products and prices: customers browse them and staff maintain them. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Code, Id, Money, Nothing, Page, paging, Paragraphs, Strict, Text, Timestamp } from "#core/schema.ts";
import { LONGEST_SLUG, SLUG_PATTERN } from "./slug.model.ts";

export const TaxRate = Type.Integer({
  minimum: 0,
  maximum: 10_000,
  description: "Basis points of the tax that the price includes",
});
export const Description = Paragraphs(10_000, 0);
export const Quantity = Type.Integer({ minimum: 0, maximum: 1_000_000 });
const CategoryId = Type.Union([Id, Type.Null()]);
export const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const Language = Type.Enum(["en", "ko"], { title: "Language" });
export const Sku = {
  ...Code("^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$", 64),
  description: "The stock keeping unit, which no other product on sale has",
};

/** What people extend products with: words of theirs by names of theirs. */
export const Metadata = Type.Record(Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$" }), Text(300, 0), {
  additionalProperties: false,
  maxProperties: 30,
  description: "Whatever the shop keeps beside it, which means nothing to the platform",
  examples: [{ "erp.number": "4711" }],
});

/** What a variant is of each option of its product. */
export const OptionValue = Type.Object({ name: Type.String(), value: Type.String() }, { title: "OptionValue" });
const Option = Type.Object(
  { id: Id, name: Type.String(), values: Type.Array(Type.Object({ id: Id, value: Type.String() })) },
  { title: "ProductOption" },
);

const Image = Type.Object(
  {
    id: Id,
    alt: Type.String({ description: "What it shows, for those who do not see it" }),
    width: Type.Integer({ description: "Pixels of the upload" }),
    height: Type.Integer(),
    hash: Type.String({ description: "Of the upload: files are named by it" }),
    widths: Type.Array(Type.Integer(), { description: "Pixels across, in which it can be had" }),
  },
  { title: "ProductImage" },
);

export const Product = Type.Object(
  {
    id: Id,
    name: Type.String(),
    description: Type.String(),
    /** In which it is called so. */
    language: Language,
    slug: Type.Union([Type.String(), Type.Null()], {
      description: "The product in addresses that people read; null for some seconds at products of an earlier release",
    }),
    categoryId: CategoryId,
    /** Of a product in variants: the lowest and the highest of them. */
    price: Money,
    highestPrice: Type.Optional(Money),
    taxRate: TaxRate,
    sellable: Type.Integer({ description: "Units that can be ordered now, of all variants together" }),
    sku: Type.Optional(Type.String({ description: "Its stock keeping unit" })),
    options: Type.Optional(
      Type.Array(Option, { description: "It is sold in variants alone, which have one value of each" }),
    ),
    variantOf: Type.Optional({ ...Id, description: "The product of which it is a variant" }),
    optionValues: Type.Optional(Type.Array(OptionValue, { description: "What a variant is of each option" })),
    images: Type.Optional(Type.Array(Image, { description: "Pictures in their order; absent when there are none" })),
    metadata: Type.Optional(Metadata),
    createdAt: Timestamp,
    version: Version,
  },
  { title: "Product" },
);

export type Product = Static<typeof Product>;

const NewProduct = Strict({
  name: Text(200),
  description: Description,
  categoryId: Type.Optional(CategoryId),
  price: Money,
  taxRate: Type.Optional(TaxRate),
  stock: Type.Optional(Quantity),
  sku: Type.Optional(Sku),
  metadata: Type.Optional(Metadata),
});

export const Slug = Type.String({ format: "line", pattern: SLUG_PATTERN, minLength: 1, maxLength: LONGEST_SLUG });

const ProductChange = Strict({
  id: Id,
  version: Type.Optional(Version),
  name: Type.Optional(Text(200)),
  description: Type.Optional(Description),
  slug: Type.Optional(Slug),
  categoryId: Type.Optional(CategoryId),
  taxRate: Type.Optional(TaxRate),
  sku: Type.Optional(Sku),
  metadata: Type.Optional(Metadata),
});

const Amount = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 });
/** What a list of the catalogue is filtered by. */
export const filters = {
  q: Type.Optional(Text(100, 0)),
  category: Type.Optional(Id),
  minPrice: Type.Optional({ ...Amount, description: "Of products in variants, the lowest price counts" }),
  maxPrice: Type.Optional(Amount),
  inStock: Type.Optional(Type.Boolean({ description: "true: only what can be ordered now" })),
};
const Search = Strict({
  ...paging,
  // The position in the order of names holds a name, which may be long.
  cursor: Type.Optional(Text(2000)),
  ...filters,
  sort: Type.Optional(
    Type.Enum(["newest", "price", "-price", "name", "relevance"], {
      description: "relevance: the best first; the default with q, and newest without",
    }),
  ),
});

const Price = Type.Object(
  {
    price: Money,
    from: Type.Union([Timestamp, Type.Null()], { description: "null: from the beginning" }),
    until: Type.Union([Timestamp, Type.Null()], { description: "null: until further notice" }),
    setAt: Timestamp,
  },
  { title: "Price" },
);

export const catalogueActions = {
  list: action({
    summary: "Search the catalogue; a category includes those below it",
    rest: "GET /products",
    translated: true,
    auth: "public",
    input: Search,
    output: Page(Product),
  }),
  get: action({
    summary: "A product with its current price",
    rest: "GET /products/:id",
    translated: true,
    auth: "public",
    concurrency: "read",
    input: ById,
    output: Product,
    errors: ["NOT_FOUND"],
  }),
  getBySlug: action({
    summary: "The product at an address that it has or had",
    rest: "GET /products/slugs/:slug",
    auth: "public",
    shownBy: "getBySlug",
    moved: "isFormer",
    translated: true,
    input: Strict({ slug: Slug }),
    output: Type.Object(
      {
        id: Id,
        slug: Type.String({ description: "The address that it has now" }),
        isFormer: Type.Boolean({ description: "true: the product has another address now" }),
        language: Language,
        product: Product,
      },
      { title: "AddressedProduct" },
    ),
    errors: ["NOT_FOUND"],
  }),
  create: action({
    summary: "Add a product, with its price and first stock",
    rest: "POST /products",
    translated: true,
    status: 201,
    shownBy: "get",
    auth: "staff",
    input: NewProduct,
    output: Product,
    errors: ["CATEGORY_NOT_FOUND", "SKU_TAKEN"],
  }),
  update: action({
    summary: "Change the information about a product",
    rest: "PATCH /products/:id",
    translated: true,
    auth: "staff",
    concurrency: "write",
    input: ProductChange,
    output: Product,
    errors: ["NOT_FOUND", "STALE_VERSION", "CATEGORY_NOT_FOUND", "SLUG_TAKEN", "SKU_TAKEN", "IS_VARIANT"],
  }),
  archive: action({
    summary: "Take a product off sale for good, with its variants. Existing orders keep it",
    rest: "DELETE /products/:id",
    status: 204,
    auth: "staff",
    concurrency: "write",
    input: Strict({ id: Id, version: Type.Optional(Version) }),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  setPrice: action({
    summary: "Set the price, from now or a future time until the next scheduled price, or for a period",
    rest: "PUT /products/:id/price",
    translated: true,
    auth: "staff",
    concurrency: "write",
    input: Strict({
      id: Id,
      version: Type.Optional(Version),
      price: Money,
      from: Type.Optional(Timestamp),
      until: Type.Optional(Timestamp),
    }),
    output: Product,
    errors: ["NOT_FOUND", "STALE_VERSION", "PRICE_CURRENCY", "PRICE_IN_PAST", "PRICE_PERIOD", "IN_VARIANTS"],
  }),
  listPrices: action({
    summary: "Past, present and scheduled prices, latest first",
    rest: "GET /products/:id/prices",
    auth: "staff",
    input: Strict({ id: Id, ...paging }),
    output: Page(Price),
    errors: ["NOT_FOUND"],
  }),
};
