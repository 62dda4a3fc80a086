/** The types of the product service's tables. */
import type { Generated } from "kysely";
import type { Money } from "#core/schema.ts";
import type { Language } from "#core/text.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { rowsText } from "#mixins/database/rows.ts";
import { statements } from "#mixins/database/statement.ts";
import type { JobTables } from "#mixins/jobs/jobs.mixin.ts";
import type { Stage } from "./alert.model.ts";
import type { Field } from "./translation.model.ts";
import type { Line, MovementKind, ReservationState } from "./product.model.ts";

export interface ProductTables {
  categories: { id: string; key: string | null; name: string; parent_id: string | null; version: number };
  products: {
    id: string;
    /** The key of a seeded product, so that it is added once. */
    key: string | null;
    name: string;
    description: string;
    /** Folded text of name and description. */
    search_text: string;
    /** The sort key of the name. */
    name_key: string;
    category_id: string | null;
    currency: Money["currency"];
    tax_rate: number;
    created_at: string;
    archived_at: string | null;
    /** Null until the text index has the product. */
    slug: Generated<string | null>;
    version: number;
    /** The version that the text index describes. */
    indexed: Generated<number>;
    /** Unique among what is on sale. */
    sku: Generated<string | null>;
    /** Of a variant: the product that the catalogue shows for it. */
    parent_id: Generated<string | null>;
    /** Of a variant: the ids of its values, in the order of the options. */
    combination: Generated<string | null>;
    /** Of a product that is sold in variants alone: its options as JSON. */
    options: Generated<string | null>;
    /** What the shop keeps beside it, as JSON. */
    metadata: Generated<string | null>;
  };
  /** Files in the storage, by the hash of what was uploaded. */
  image_files: {
    hash: string;
    width: number;
    height: number;
    /** When it was uploaded or added to a product last, in milliseconds since the epoch. */
    touched_at: number;
    /** 1 while its files are being removed. */
    going: number;
  };
  product_images: { id: string; product_id: string; hash: string; position: number; alt: string };
  /** By the id of what is called so. */
  translations: { entity_id: string; field: Field; language: Language; text: string };
  /** Every address that a product has or had. */
  product_slugs: { slug: string; product_id: string };
  /** One row for each period, in milliseconds since the epoch. The last period has no end. */
  prices: { product_id: string; starts_at: number; ends_at: number | null; amount: number; set_at: string };
  /** A table of its own, kept small because it changes with every order. */
  stock_levels: {
    product_id: string;
    on_hand: number;
    held: number;
    /** The most sellable units that are low; null: the shop's setting. */
    low_at: Generated<number | null>;
    /** What was told last. */
    stage: Generated<Stage>;
    /** When it came to another stage, of which somebody is to be told; in milliseconds since the epoch. */
    alert_at: Generated<number | null>;
    /** What the ledger adds up to, which a trigger keeps (ADR 0097). */
    booked_on_hand: Generated<number>;
    booked_held: Generated<number>;
  };
  /** Append-only. The sum of a product's changes is its stock level. */
  movements: {
    seq: Generated<number>;
    product_id: string;
    kind: MovementKind;
    on_hand_change: number;
    held_change: number;
    order_id: string | null;
    reason: string | null;
    at: string;
  };
  reservations: {
    order_id: string;
    state: ReservationState;
    /** Null when the order was released before it reserved anything. */
    request_hash: string | null;
    /** Milliseconds since the epoch, while held. */
    expires_at: number | null;
  };
  /** The text index, newest last. On SQLite the tokens are in `search_index`. */
  search_entries: { seq: Generated<number>; product_id: string; name_text: string; tokens?: unknown };
  search_index: { rowid: number; tokens: string };
  /** Words of names, by what is left of them when one letter is lost. */
  search_words: { variant: string; word: string; unused_since: Generated<number | null> };
  /** What came back of orders in part. */
  item_releases: { id: string; order_id: string };
  reservation_items: { order_id: string; product_id: string; quantity: number };
  /** `record` is the last one of the file that was imported or refused, which goes on there after a fault. */
  imports: {
    id: string;
    state: "receiving" | "waiting" | "done";
    /** Parts of the file that have come. */
    parts: number;
    record: number;
    created: number;
    changed: number;
    refused: number;
    created_at: string;
  };
  /** Of the mixin of jobs: what became of the job of an import. */
  jobs: JobTables["jobs"];
  import_refusals: { import_id: string; line: number; sku: string; code: string; details: string | null };
}
export type Db = Executor<ProductTables>;
export type Tx = Transaction<ProductTables>;
export const sql = statements<ProductTables>();

/** The lines of an order as one parameter, for `rowsIn`. */
export const linesText = (lines: readonly Line[]): string =>
  rowsText(lines.map(({ productId, quantity }) => [productId, quantity]));
