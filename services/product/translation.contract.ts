/** Texts in other languages than the shop's own: of products with their options, and of categories. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Id, Nothing, Strict, Text } from "#core/schema.ts";
import { Description, Language, Product, Version } from "./catalogue.contract.ts";
import { Category } from "./category.contract.ts";

const OptionTexts = Type.Array(Strict({ id: Id, text: Text(100) }), {
  maxItems: 160,
  description: "What options and their values are called, by their ids",
});
const ImageTexts = Type.Array(Strict({ id: Id, text: Text(300, 0) }), {
  maxItems: 20,
  description: "What its pictures show, by their ids",
});
const ProductTexts = Type.Object(
  {
    language: Language,
    name: Type.String(),
    description: Type.Union([Type.String(), Type.Null()]),
    options: Type.Array(Type.Object({ id: Id, text: Type.String() })),
    images: Type.Array(Type.Object({ id: Id, text: Type.String() })),
  },
  { title: "ProductTranslation" },
);
const CategoryTexts = Type.Object({ language: Language, name: Type.String() }, { title: "CategoryTranslation" });

/** The one whose texts are meant, in one language. */
const translated = { id: Id, language: Language, version: Type.Optional(Version) };

const actions = {
  listTranslations: action({
    summary: "A product's texts in other languages",
    rest: "GET /products/:id/translations",
    auth: "staff",
    input: ById,
    output: Type.Object({ items: Type.Array(ProductTexts) }),
    errors: ["NOT_FOUND"],
  }),
  setTranslation: action({
    summary: "Set all texts of a product in another language; what is left out is shown in the shop's own",
    rest: "PUT /products/:id/translations/:language",
    auth: "staff",
    translated: true,
    concurrency: "write",
    input: Strict({
      ...translated,
      name: Text(200),
      description: Type.Optional(Description),
      options: Type.Optional(OptionTexts),
      images: Type.Optional(ImageTexts),
    }),
    output: Product,
    errors: ["NOT_FOUND", "STALE_VERSION", "IS_VARIANT", "OPTION_UNKNOWN", "IMAGE_UNKNOWN", "OWN_LANGUAGE"],
  }),
  removeTranslation: action({
    summary: "Remove a product's texts in another language",
    rest: "DELETE /products/:id/translations/:language",
    status: 204,
    auth: "staff",
    concurrency: "write",
    input: Strict(translated),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION", "IS_VARIANT"],
  }),
  listCategoryTranslations: action({
    summary: "What a category is called in other languages",
    rest: "GET /categories/:id/translations",
    auth: "staff",
    input: ById,
    output: Type.Object({ items: Type.Array(CategoryTexts) }),
    errors: ["NOT_FOUND"],
  }),
  setCategoryTranslation: action({
    summary: "Set what a category is called in another language",
    rest: "PUT /categories/:id/translations/:language",
    auth: "staff",
    translated: true,
    concurrency: "write",
    input: Strict({ ...translated, name: Text(100) }),
    output: Category,
    errors: ["NOT_FOUND", "STALE_VERSION", "OWN_LANGUAGE"],
  }),
  removeCategoryTranslation: action({
    summary: "Remove what a category is called in another language",
    rest: "DELETE /categories/:id/translations/:language",
    status: 204,
    auth: "staff",
    concurrency: "write",
    input: Strict(translated),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
};

export const translations = { name: "translations", actions: () => actions } satisfies Block;
