/** Notes that staff write about an order for each other. Customers never see them. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Page, paging, Paragraphs, Strict, Timestamp } from "#core/schema.ts";

const StaffNote = Type.Object(
  {
    id: Id,
    authorId: Id,
    text: Type.String(),
    createdAt: Timestamp,
  },
  { title: "StaffNote" },
);
export type StaffNote = Static<typeof StaffNote>;

export const noteActions = {
  addNote: action({
    summary: "Add a note about an order, which stays as it is",
    rest: "POST /orders/:id/notes",
    status: 201,
    auth: "staff",
    input: Strict({ id: Id, text: Paragraphs(2000) }),
    output: StaffNote,
    errors: ["NOT_FOUND"],
  }),
  listNotes: action({
    summary: "What staff noted about an order, oldest first",
    rest: "GET /orders/:id/notes",
    auth: "staff",
    input: Strict({ ...ById.properties, ...paging }),
    output: Page(StaffNote),
    errors: ["NOT_FOUND"],
  }),
};
