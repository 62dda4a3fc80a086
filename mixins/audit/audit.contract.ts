/** The audit log of a service, as administrators read it. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";

const Change = Type.Object(
  {
    table: Type.String(),
    kind: Type.String({ description: "insert, update or delete" }),
    rows: Type.Integer({ description: "How many rows; the first of them follow" }),
    before: Type.Unknown(),
    after: Type.Unknown(),
  },
  { title: "AuditChange" },
);

const Entry = Type.Object(
  {
    seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    at: Timestamp,
    actor: Type.String({ description: "`user:<id>`, `key:<id>`, or `operator` for somebody at a node's shell" }),
    action: Type.String(),
    object: Type.String({ description: "The path of the route" }),
    requestId: Type.String(),
    changes: Type.Array(Change),
    hash: Type.String({ description: "SHA-256 over this entry and the one before it" }),
  },
  { title: "AuditEntry" },
);

export const audit = {
  name: "audit",
  actions: (service: string) => ({
    listAuditLog: action({
      summary: `What staff, administrators and API keys changed in the ${service} service, newest first`,
      rest: `GET /audit-log/${service}`,
      auth: "admin",
      input: Strict({
        ...paging,
        actor: Type.Optional(Text(100)),
        action: Type.Optional(Text(100)),
        object: Type.Optional(Text(300)),
        since: Type.Optional(Timestamp),
        until: Type.Optional(Timestamp),
      }),
      output: Page(Entry),
    }),
  }),
} as const satisfies Block;
