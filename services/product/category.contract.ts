/** Categories: a tree that groups products. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Nothing, Page, paging, Strict, Text } from "#core/schema.ts";
import { Language, Version } from "./catalogue.contract.ts";

const ParentId = Type.Union([Id, Type.Null()]);
export const Category = Type.Object(
  {
    id: Id,
    name: Type.String(),
    /** In which it is called so. */
    language: Language,
    parentId: ParentId,
    path: Type.Array(Type.Object({ id: Id, name: Type.String() }), {
      description: "The categories above it, from the top",
    }),
    version: Version,
  },
  { title: "Category" },
);

export const categoryActions = {
  listCategories: action({
    summary: "All categories, oldest first",
    rest: "GET /categories",
    translated: true,
    auth: "public",
    input: Strict(paging),
    output: Page(Category),
  }),
  getCategory: action({
    summary: "A category",
    rest: "GET /categories/:id",
    translated: true,
    auth: "public",
    concurrency: "read",
    input: ById,
    output: Category,
    errors: ["NOT_FOUND"],
  }),
  createCategory: action({
    summary: "Add a category",
    rest: "POST /categories",
    translated: true,
    status: 201,
    auth: "staff",
    input: Strict({ name: Text(100), parentId: Type.Optional(ParentId) }),
    output: Category,
    errors: ["CATEGORY_NOT_FOUND"],
  }),
  updateCategory: action({
    summary: "Rename a category, or move it with all its subcategories",
    rest: "PATCH /categories/:id",
    translated: true,
    auth: "staff",
    concurrency: "write",
    input: Strict({
      id: Id,
      version: Type.Optional(Version),
      name: Type.Optional(Text(100)),
      parentId: Type.Optional(ParentId),
    }),
    output: Category,
    errors: ["NOT_FOUND", "STALE_VERSION", "CATEGORY_NOT_FOUND", "CATEGORY_CYCLE"],
  }),
  removeCategory: action({
    summary: "Remove a category without products and subcategories",
    rest: "DELETE /categories/:id",
    status: 204,
    auth: "staff",
    concurrency: "write",
    input: Strict({ id: Id, version: Type.Optional(Version) }),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION", "CATEGORY_IN_USE"],
  }),
};
