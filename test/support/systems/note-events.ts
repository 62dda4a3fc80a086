/** A service that publishes each note as an event, and services that read these events, each with a database of its own. */
import type { Service, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { workContext } from "#core/context.ts";
import { defineContract } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { implement } from "#core/implement.ts";
import type { Transaction } from "#mixins/database/database.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { inbox as inboxBlock } from "#mixins/inbox/inbox.contract.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import { insertNote, migrations, note, noteContractWithOutbox, type NoteTables } from "./notes-service.ts";

export type NoteEvent = Envelope<{ readonly id: string }>;

/** @param first the note that it publishes by itself when it starts */
export const notePublisher = (first?: string): ServiceSchema =>
  implement(noteContractWithOutbox, {
    mixins: [database<NoteTables>({ migrations }), outbox()],
    actions: {
      async write(ctx) {
        const { id } = ctx.params;
        await this.db.write(async (tx) => tx.add(this.outbox.event(ctx, "note.written", `note:${id}`, { id })));
        return { id, count: 1 };
      },
    },
    async started() {
      const id = first;
      if (!id) return;
      await this.db.write(async (tx) => tx.add(this.outbox.event(workContext(this), "note.written", "note:1", { id })));
    },
  });

interface ReaderOptions {
  /** What the handler does before and after its effect; specs make it fail there. */
  readonly before?: (event: NoteEvent) => Promise<void> | void;
  readonly after?: (event: NoteEvent) => void;
  readonly mixins?: readonly object[];
}

/** Stores one row for each time that it handles an event: were an event to take effect twice, there would be two. */
export const noteReader = (name: string, { before, after, mixins = [] }: ReaderOptions = {}): ServiceSchema =>
  implement(
    defineContract(name, {
      summary: "Reads notes",
      blocks: [inboxBlock],
      subscribes: ["note.written"],
      actions: {},
    }),
    {
      mixins: [database<NoteTables>({ migrations }), ...mixins, inbox()],
      actions: {},
      events: {
        "note.written": async function (this: Service, event: NoteEvent, tx: Transaction<NoteTables>) {
          await before?.(event);
          tx.add(insertNote.with(note(newId(), { owner: this.broker.nodeID, text: event.data.id })));
          after?.(event);
        },
      },
    },
  );
