/** A small service for specs of the building blocks: it keeps notes, and publishes that they were written. */
import Type from "typebox";
import { action, type Block, defineContract, event } from "#core/contract.ts";
import { refused } from "#core/errors.ts";
import { Strict, Text } from "#core/schema.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { IdempotencyTable } from "#mixins/idempotency/idempotency.mixin.ts";
import type { InboxTable } from "#mixins/inbox/inbox.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import type { OutboxTable } from "#mixins/outbox/outbox.mixin.ts";
import type { SagaTables } from "#mixins/saga/saga.mixin.ts";

export interface Note {
  id: string;
  owner: string;
  text: string | null;
  stars: number;
}

export interface NoteTables extends IdempotencyTable, InboxTable, OutboxTable, SagaTables {
  notes: Note;
}

/** The contract of a service with these building blocks. */
export const noteContractWith = <const Blocks extends readonly Block[]>(...blocks: Blocks) =>
  defineContract("note", {
    summary: "Notes of specs",
    blocks,
    errors: {
      LIMIT_REACHED: refused(
        "There are too many notes",
        "메모가 너무 많습니다",
        "Delete a note first.",
        "먼저 메모를 하나 지워 주세요.",
      ),
    },
    actions: {
      write: action({
        summary: "Write a note",
        auth: "public",
        idempotent: true,
        input: Strict({ id: Text(50), text: Type.Optional(Text(50)) }),
        output: Type.Object({ id: Type.String(), count: Type.Integer() }),
        errors: ["LIMIT_REACHED"],
      }),
    },
    events: {
      written: event({ version: 1, summary: "A note was written", data: Type.Object({ id: Type.String() }) }),
    },
  });
export const noteContract = noteContractWith();
/** Publishes that notes were written. */
export const noteContractWithOutbox = noteContractWith(outbox);

declare module "#core/contract.ts" {
  interface Contracts {
    note: typeof noteContract;
  }
}

export const migrations = new URL("./migrations/", import.meta.url);

const sql = statements<NoteTables>();
const columnsOfNote = ["id", "owner", "text", "stars"] as const;

export const insertNote = sql((q, p: Note) => q.insertInto("notes").values(columns(p, ...columnsOfNote)));
export const findNote = sql((q, p: { id: string }) => q.selectFrom("notes").selectAll().where("id", "=", p.id));
export const rateNote = sql((q, p: { id: string; stars: number }) =>
  q.updateTable("notes").set({ stars: p.stars }).where("id", "=", p.id),
);
export const allNotes = sql((q) => q.selectFrom("notes").selectAll().orderBy("id"));

export const note = (id: string, rest: Partial<Note> = {}): Note => ({
  id,
  owner: "ann",
  text: null,
  stars: 0,
  ...rest,
});
