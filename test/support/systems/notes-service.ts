/** A small service for specs of the building blocks: it keeps notes, and tells that they were written. */
import type { Service, ServiceBroker } from "moleculer";
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

export interface NotebookTables extends IdempotencyTable, InboxTable, OutboxTable, SagaTables {
  notes: Note;
}

/** What it offers with these building blocks. */
export const notebookWith = <const Blocks extends readonly Block[]>(...blocks: Blocks) =>
  defineContract("notebook", {
    summary: "Notes of specs",
    blocks,
    errors: {
      FULL: refused(
        "The notebook is full",
        "공책이 가득 찼습니다",
        "Tear a page out first.",
        "먼저 한 장을 뜯어 주세요.",
      ),
    },
    actions: {
      write: action({
        summary: "Write a note",
        auth: "public",
        idempotent: true,
        input: Strict({ id: Text(50), text: Type.Optional(Text(50)) }),
        output: Type.Object({ id: Type.String(), count: Type.Integer() }),
        errors: ["FULL"],
      }),
    },
    events: {
      written: event({ version: 1, summary: "A note was written", data: Type.Object({ id: Type.String() }) }),
    },
  });
export const notebook = notebookWith();
/** Tells that notes were written. */
export const tellingNotebook = notebookWith(outbox);

declare module "#core/contract.ts" {
  interface Contracts {
    notebook: typeof notebook;
  }
}

export const migrations = new URL("./migrations/", import.meta.url);

const sql = statements<NotebookTables>();
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

/** The running service, with the names that its mixins added. */
export const localService = <Names extends object>(broker: ServiceBroker, name: string): Service & Names =>
  broker.getLocalService({ name, version: 1 }) as Service & Names;

/** Milliseconds: a budget that costs nothing where all is well, however busy the machine is. */
const LONGEST_WAIT = 90_000;

/** Waits until `look` finds something; specs wait for an effect, never for a time. */
export async function eventually<T>(look: () => T | Promise<T>, milliseconds = LONGEST_WAIT): Promise<NonNullable<T>> {
  // Specs may steer the clock, but not this one.
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`Nothing was found within ${milliseconds} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
