import { Validator } from "@seriousme/openapi-schema-validator";
import { bookContract } from "../../test/support/systems/sample-gateway.ts";
import type { Described } from "#mixins/gateway/registry.ts";
import { openapi } from "./openapi.generator.ts";

const described: Described = { ...bookContract, errors: bookContract.errors };
// oxlint-disable-next-line typescript/no-explicit-any -- read by path only
const document = openapi([described], "1.2.3") as any;
const books = document.paths["/api/v1/books"];
const book = document.paths["/api/v1/books/{id}"];

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const { valid, errors } = await new Validator().validate(document);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it("names every route once", () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path as object).map((operation: { operationId: string }) => operation.operationId),
    );
    expect(ids.toSorted()).toEqual(
      Object.keys(bookContract.actions)
        .map((name) => `book.${name}`)
        .toSorted(),
    );
  });

  it("puts fields where the gateway reads them", () => {
    expect(books.get.parameters).toContainEqual(
      expect.objectContaining({ name: "limit", in: "query", required: false }),
    );
    expect(book.patch.parameters).toContainEqual(expect.objectContaining({ name: "id", in: "path", required: true }));
    expect(book.patch.parameters).toContainEqual(
      expect.objectContaining({ name: "If-Match", in: "header", required: false }),
    );
    const { schema } = book.patch.requestBody.content["application/json"];
    expect(Object.keys(document.components.schemas[schema.$ref.split("/").at(-1)].properties)).toEqual(["title"]);
    expect(books.post.parameters).toContainEqual(expect.objectContaining({ name: "Idempotency-Key", required: true }));
  });

  it("tells who may call", () => {
    expect(books.get.security).toEqual([]);
    expect(books.post.security).toEqual([{ accessToken: [] }]);
    expect(document.components.securitySchemes.accessToken).toMatchObject({ type: "http", scheme: "bearer" });
  });

  it("tells the answer, its headers and its problems by code", () => {
    expect(Object.keys(books.post.responses["201"].headers)).toEqual(["Location", "Idempotent-Replayed"]);
    expect(book.delete.responses["204"]).toEqual({ description: "Done" });
    const { $ref } = books.post.responses["409"];
    const { content } = document.components.responses[$ref.split("/").at(-1)];
    const { schema, examples } = content["application/problem+json"];
    expect(schema).toEqual({ $ref: "#/components/schemas/Problem" });
    expect(Object.keys(examples)).toEqual(["BOOK_LIMIT_REACHED", "IDEMPOTENCY_IN_PROGRESS"]);
  });
});
