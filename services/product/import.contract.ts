/** Import and export of products as CSV: sent in parts, worked off by a job, with a report of the rows that were refused. */
import Type from "typebox";
import { action, type Block, job } from "#core/contract.ts";
import { Base64, ById, Id, paging, Strict, Timestamp } from "#core/schema.ts";

/** Characters of Base64 in one request, of which NATS carries 1 MiB. */
const LONGEST_PART = 960_000;
/** Some 216 MB: a million rows of 200 bytes. */
const MOST_PARTS = 300;

const Import = Type.Object(
  {
    id: { ...Id, description: "Also the id of its job, which shows its progress live and cancels it" },
    state: Type.Enum(["receiving", "waiting", "running", "done", "cancelled", "failed"], { title: "ImportState" }),
    parts: Type.Integer({ description: "Parts of the file that have come" }),
    created: Type.Integer({ description: "Products that are new" }),
    changed: Type.Integer({ description: "Products that were others before" }),
    refused: Type.Integer({ description: "Rows that the report lists, of which nothing was imported" }),
    rows: Type.Integer({ description: "Rows that were read" }),
    createdAt: Timestamp,
  },
  { title: "ProductImport" },
);

const part = {
  content: Base64(
    LONGEST_PART,
    "This part of the file in Base64: UTF-8 with the names of the columns in its first line",
  ),
  isPart: Type.Optional(Type.Boolean({ description: "true: more parts follow, and the import waits for them" })),
};

const csv = {
  auth: "staff",
  file: "text/csv",
  output: Type.Object({
    name: Type.String({ description: "A name for the file" }),
    mediaType: Type.Literal("text/csv"),
    content: Type.String({ description: "A page of the file in Base64" }),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
  }),
} as const;

const receiving = { auth: "staff", status: 202, shownBy: "getImport", timeout: 30_000, output: Import } as const;

const actions = {
  createImport: action({
    summary: "Import products from a CSV file, or from its first part",
    rest: "POST /products/imports",
    ...receiving,
    input: Strict(part),
    errors: ["IMPORT_ENCODING", "IMPORT_CSV", "IMPORT_COLUMNS"],
  }),
  addImportPart: action({
    summary: "Send another part of a file of products; it may be sent again",
    rest: "PUT /products/imports/:id/parts/:number",
    ...receiving,
    input: Strict({ id: Id, number: Type.Integer({ minimum: 2, maximum: MOST_PARTS }), ...part }),
    errors: ["NOT_FOUND", "IMPORT_ENCODING", "IMPORT_PART"],
  }),
  getImport: action({
    summary: "How far an import of products is",
    rest: "GET /products/imports/:id",
    auth: "staff",
    input: ById,
    output: Import,
    errors: ["NOT_FOUND"],
  }),
  getImportReport: action({
    summary:
      "The rows that an import refused, as CSV: line, SKU, code, and what to do. With `Accept: text/csv` all of them",
    rest: "GET /products/imports/:id/report",
    ...csv,
    input: Strict({ id: Id, cursor: paging.cursor }),
    errors: ["NOT_FOUND"],
  }),
  exportProducts: action({
    summary: "What is on sale, as CSV that can be imported again. With `Accept: text/csv` all of it",
    rest: "GET /products/export",
    ...csv,
    timeout: 30_000,
    input: Strict({ cursor: paging.cursor }),
  }),
};

export const imports = { name: "imports", actions: () => actions } satisfies Block;

export const importJobs = {
  importProducts: job({
    summary: "Import products from a CSV file",
    input: Strict({ id: Id }),
    concurrency: 1,
  }),
  removeImports: job({
    summary: "Remove imports of last week with their files",
    input: Strict({}),
    cron: "17 * * * *",
  }),
};
