/** All SQL of templates: the versions that staff wrote, which of them is in use, and with which one a message is written. */
import { timestamp } from "#core/clock.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import type { Write } from "#mixins/database/write.ts";
import { notification } from "./notification.contract.ts";
import type { DeliveryRow, NotificationTables } from "./notification.repository.ts";
import type { TemplateName } from "./notification.template.ts";
import { VERSIONS } from "./template.contract.ts";
import type { Content } from "./notification.model.ts";

type VersionRow = NotificationTables["template_versions"];
type Db = Executor<NotificationTables>;
type Tx = Transaction<NotificationTables>;
const sql = statements<NotificationTables>();

const listVersions = sql((q, p: Pick<VersionRow, "name">) =>
  q.selectFrom("template_versions").selectAll().where("name", "=", p.name).orderBy("version", "desc"),
);
const findVersion = sql((q, p: Pick<VersionRow, "name" | "version">) =>
  q.selectFrom("template_versions").selectAll().where("name", "=", p.name).where("version", "=", p.version),
);
const insertVersion = sql((q, p: VersionRow) =>
  q.insertInto("template_versions").values(columns(p, "name", "version", "content", "note", "author", "created_at")),
);
const listActive = sql((q) =>
  q
    .selectFrom("active_templates")
    .innerJoin("template_versions", (join) =>
      join
        .onRef("template_versions.name", "=", "active_templates.name")
        .onRef("template_versions.version", "=", "active_templates.version"),
    )
    .select(["template_versions.name", "template_versions.version", "template_versions.content"]),
);
const activate = sql((q, p: { name: string; version: number }) =>
  q
    .insertInto("active_templates")
    .values(columns(p, "name", "version"))
    .onConflict((one) => one.column("name").doUpdateSet(columns(p, "version"))),
);
const deactivate = sql((q, p: { name: string }) => q.deleteFrom("active_templates").where("name", "=", p.name));
const removeAuthor = sql((q, p: { author: string }) =>
  q.updateTable("template_versions").set({ author: null }).where("author", "=", p.author),
);

export const list = (db: Db, name: TemplateName): Promise<VersionRow[]> => db.all(listVersions, { name });

/** @throws NOT_FOUND */
export async function get(db: Db, name: TemplateName, version: number): Promise<VersionRow> {
  const row = await db.one(findVersion, { name, version });
  if (!row) throw notification.error("NOT_FOUND");
  return row;
}

/** The versions in use, by template; one that is not there uses version 0. */
export async function active(db: Db): Promise<ReadonlyMap<string, number>> {
  return new Map((await db.all(listActive, {})).map(({ name, version }) => [name, version]));
}

/** @throws VERSIONS_FULL */
export async function add(
  tx: Tx,
  version: Pick<VersionRow, "name" | "content" | "note" | "author">,
): Promise<VersionRow> {
  tx.lock(`templates:${version.name}`);
  const last = (await tx.all(listVersions, { name: version.name }))[0]?.version ?? 0;
  if (last >= VERSIONS) throw notification.error("VERSIONS_FULL", { most: VERSIONS });
  const row = { ...version, version: last + 1, created_at: timestamp() };
  tx.add(insertVersion.with(row));
  return row;
}

/** @throws NOT_FOUND */
export async function use(tx: Tx, name: TemplateName, version: number): Promise<void> {
  if (version === 0) return tx.add(deactivate.with({ name }));
  await get(tx, name, version);
  tx.add(activate.with({ name, version }));
}

export interface Chosen {
  readonly version: number;
  /** Undefined for version 0, which the repository has. */
  readonly content: Content | undefined;
}

/** With which version each of these messages was or will be written. */
export async function chosenFor(
  db: Db,
  rows: readonly Pick<DeliveryRow, "template" | "template_version">[],
): Promise<(row: Pick<DeliveryRow, "template" | "template_version">) => Chosen> {
  const inUse = await db.all(listActive, {});
  const pinned = rows.filter(({ template_version }) => (template_version ?? 0) > 0);
  const [names, versions] = [pinned.map(({ template }) => template), pinned.map((row) => row.template_version!)];
  const written =
    pinned.length === 0
      ? []
      : await db.query
          .selectFrom("template_versions")
          .select(["name", "version", "content"])
          .where("name", "in", [...new Set(names)])
          .where("version", "in", [...new Set(versions)])
          .execute();
  const contents = new Map([...inUse, ...written].map((one) => [`${one.name} ${one.version}`, one.content]));
  const current = new Map(inUse.map(({ name, version }) => [name as string, version]));
  return ({ template, template_version }) => {
    const version = template_version ?? current.get(template) ?? 0;
    const content = contents.get(`${template} ${version}`);
    return { version, content: content === undefined ? undefined : (JSON.parse(content) as Content) };
  };
}

/** Who wrote a version is not known any more; what they wrote stays. */
export const forget = (userId: string): Write => removeAuthor.with({ author: userId });
