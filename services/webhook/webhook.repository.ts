/** All SQL of endpoints. Staff and admins manage them together, so they belong to nobody. */
import { randomBytes } from "node:crypto";
import type { Input } from "#core/contract.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { DAY, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Language } from "#core/text.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns } from "#mixins/database/statement.ts";
import { acceptedUrl, networksOf } from "#mixins/http/public-host.ts";
import type { Endpoint } from "./endpoint.contract.ts";
import { config } from "./webhook.config.ts";
import { webhook } from "./webhook.contract.ts";
import { secretOf } from "./webhook.model.ts";
import { toEndpoint } from "./webhook.projection.ts";
import { type Db, type EndpointRow, sql, type Tx } from "./webhook.tables.ts";

/** Milliseconds for which a secret is used beside the one that replaced it. */
const OVERLAP = DAY;

export const allowed = networksOf(config.WEBHOOK_NETWORKS);

const insert = sql((q, p: EndpointRow) =>
  q
    .insertInto("endpoints")
    .values(
      columns(
        p,
        "id",
        "url",
        "events",
        "description",
        "status",
        "secret",
        "former_secret",
        "former_until",
        "failing_since",
        "created_at",
        "version",
      ),
    ),
);
const findRow = sql((q, p: { id: string }) => q.selectFrom("endpoints").selectAll().where("id", "=", p.id));
const countRows = sql((q) => q.selectFrom("endpoints").select((e) => e.fn.countAll().as("rows")));
const listenersOf = sql((q) => q.selectFrom("endpoints").select(["id", "events"]).where("status", "<>", "disabled"));
const overwrite = sql((q, p: EndpointRow & { from: number }) =>
  q
    .updateTable("endpoints")
    .set(columns(p, "url", "events", "description", "status", "failing_since", "version"))
    .where("id", "=", p.id)
    .where("version", "=", p.from),
);
const replaceSecret = sql((q, p: { id: string; secret: string; former_until: number }) =>
  q
    .updateTable("endpoints")
    .set((e) => ({ secret: p.secret, former_secret: e.ref("secret"), former_until: p.former_until }))
    .where("id", "=", p.id),
);
const removeRow = sql((q, p: { id: string }) => q.deleteFrom("endpoints").where("id", "=", p.id));

const detail = {
  en: "must be an https address on the internet, without user, password and fragment",
  ko: "인터넷에 공개된 https 주소를 보내 주세요. 사용자 이름, 비밀번호, 프래그먼트(#)는 포함할 수 없습니다",
};

/** @throws VALIDATION_FAILED when no webhook may go there */
function urlOf(text: string, language: Language = "en"): string {
  const url = acceptedUrl(text, allowed);
  if (url === undefined)
    throw webhook.error("VALIDATION_FAILED", { errors: [{ pointer: "/url", detail: detail[language] }] });
  return url;
}

const newSecret = (): string => secretOf(randomBytes(32));

/** @throws ENDPOINTS_FULL, VALIDATION_FAILED */
export async function add(
  tx: Tx,
  { url, events, description }: Input<"webhook.createEndpoint">,
  language: Language | undefined,
): Promise<EndpointRow> {
  tx.lock("endpoints");
  const most = config.WEBHOOK_ENDPOINTS;
  const row: EndpointRow = {
    id: newId(),
    url: urlOf(url, language),
    events: JSON.stringify(events),
    description: description ?? null,
    status: "active",
    secret: newSecret(),
    former_secret: null,
    former_until: 0,
    failing_since: null,
    created_at: timestamp(),
    version: 1,
  };
  if (Number((await tx.one(countRows, {}))!.rows) >= most) throw webhook.error("ENDPOINTS_FULL", { most });
  tx.add(insert.with(row));
  return row;
}

/** @throws NOT_FOUND */
export async function find(db: Db, id: string): Promise<EndpointRow> {
  const row = await db.one(findRow, { id });
  if (!row) throw webhook.error("NOT_FOUND");
  return row;
}

/** @throws NOT_FOUND, NOT_ACTIVE */
export async function findActive(db: Db, id: string): Promise<EndpointRow> {
  const row = await find(db, id);
  if (row.status !== "active") throw webhook.error("NOT_ACTIVE");
  return row;
}

/** Newest first. */
export const list = (db: Db, paging: Paging): Promise<PageOf<Endpoint>> =>
  pageById(db.query.selectFrom("endpoints").selectAll(), paging, toEndpoint);

/** The endpoints that are told of an event of each type. */
export async function listeners(db: Db): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db.all(listenersOf, {});
  const pairs = rows.flatMap(({ id, events }) => (JSON.parse(events) as string[]).map((type) => ({ id, type })));
  return new Map([...Map.groupBy(pairs, ({ type }) => type)].map(([type, all]) => [type, all.map(({ id }) => id)]));
}

/** @throws NOT_FOUND, STALE_VERSION, VALIDATION_FAILED */
export async function edit(
  tx: Tx,
  { id, version, url, events, description, status }: Input<"webhook.editEndpoint">,
  language: Language | undefined,
): Promise<EndpointRow> {
  const from = await find(tx, id);
  if (version !== undefined && version !== from.version) throw webhook.error("STALE_VERSION");
  const to: EndpointRow = {
    ...from,
    url: url === undefined ? from.url : urlOf(url, language),
    events: events === undefined ? from.events : JSON.stringify(events),
    description: description === undefined ? from.description : description,
    status: status ?? from.status,
    // Who makes it active again gives it as long as a new one has.
    failing_since: status === "active" ? null : from.failing_since,
    version: from.version + 1,
  };
  if ((await tx.run(overwrite, { ...to, from: from.version })) === 0) throw webhook.error("STALE_VERSION");
  return to;
}

/** @throws NOT_FOUND */
export async function resetSecret(tx: Tx, id: string): Promise<string> {
  const secret = newSecret();
  if ((await tx.run(replaceSecret, { id, secret, former_until: now() + OVERLAP })) === 0)
    throw webhook.error("NOT_FOUND");
  return secret;
}

/** Its deliveries go with it. @throws NOT_FOUND */
export async function remove(tx: Tx, id: string): Promise<void> {
  if ((await tx.run(removeRow, { id })) === 0) throw webhook.error("NOT_FOUND");
}
