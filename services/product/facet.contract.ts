/** Facets: how many products each further filter would leave. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { Id, Strict } from "#core/schema.ts";
import { filters } from "./catalogue.contract.ts";

const Count = Type.Integer({ description: "Products" });
const Facet = <T extends Type.TProperties>(properties: T) =>
  Type.Object({
    ...properties,
    isExact: Type.Boolean({
      description:
        "false: more than 1,000 products have the words and may pass the filters. The newest 1,000 are counted, so show `more than`",
    }),
  });

export const facetActions = {
  getFacets: action({
    summary: "How many products match, and how many of them each category, price range and stock has",
    rest: "GET /products/facets",
    auth: "public",
    input: Strict(filters),
    output: Type.Object(
      {
        total: Facet({ count: Count }),
        categories: Facet({
          items: Type.Array(
            Type.Object({
              id: Id,
              name: Type.String(),
              parentId: Type.Union([Id, Type.Null()]),
              count: Type.Integer({ description: "Products in it and below it, under the other filters" }),
            }),
          ),
        }),
        prices: Facet({
          items: Type.Array(
            Type.Object({
              minPrice: Type.Integer(),
              maxPrice: Type.Integer(),
              count: Type.Integer({ description: "Products of these prices, under the other filters" }),
            }),
          ),
        }),
        inStock: Facet({
          count: Type.Integer({ description: "Products that can be ordered now, under the other filters" }),
        }),
      },
      { title: "ProductFacets" },
    ),
  }),
};
