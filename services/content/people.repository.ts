/** All SQL of people and genres. */
import type { Input, Output } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { pageById } from "#mixins/database/paging.ts";
import { contains } from "#mixins/database/search.ts";
import { columns } from "#mixins/database/statement.ts";
import { content } from "./content.contract.ts";
import { searchText } from "./content.model.ts";
import { type ContentTables, type Db, sql, type Tx } from "./content.tables.ts";

type PersonRow = ContentTables["people"];
type GenreRow = ContentTables["genres"];
type Person = Output<"content.getPerson">;
type Genre = Output<"content.setGenre">;

const insertPerson = sql((q, p: PersonRow) =>
  q.insertInto("people").values(columns(p, "id", "name", "name_ko", "search_text")),
);
const findPerson = sql((q, p: { id: string }) => q.selectFrom("people").selectAll().where("id", "=", p.id));
const updatePerson = sql((q, p: PersonRow) =>
  q
    .updateTable("people")
    .set(columns(p, "name", "name_ko", "search_text"))
    .where("id", "=", p.id),
);
const putGenre = sql((q, p: GenreRow) =>
  q
    .insertInto("genres")
    .values(columns(p, "code", "name", "name_ko", "search_text"))
    .onConflict((one) => one.column("code").doUpdateSet(columns(p, "name", "name_ko", "search_text"))),
);
const allGenres = sql((q) => q.selectFrom("genres").selectAll().orderBy("code"));

const toPerson = ({ id, name, name_ko }: PersonRow): Person => ({ id, name, nameKo: name_ko });
const personRow = (id: string, name: string, nameKo: string | null): PersonRow => ({
  id,
  name,
  name_ko: nameKo,
  search_text: searchText(name, nameKo),
});

export const list = (db: Db, { q, ...paging }: Input<"content.listPeople">) =>
  pageById(
    db.query
      .selectFrom("people")
      .selectAll()
      .$if(q !== undefined, (found) => found.where(contains("search_text", q!))),
    paging,
    toPerson,
  );

/** @throws NOT_FOUND */
export async function find(db: Db, id: string): Promise<Person> {
  const row = await db.one(findPerson, { id });
  if (!row) throw content.error("NOT_FOUND");
  return toPerson(row);
}

export async function add(tx: Tx, { name, nameKo = null }: { name: string; nameKo?: string | null }): Promise<Person> {
  const row = personRow(newId(), name, nameKo);
  tx.add(insertPerson.with(row));
  return toPerson(row);
}

/** @throws NOT_FOUND */
export async function update(tx: Tx, { id, ...change }: Input<"content.updatePerson">): Promise<Person> {
  tx.lock(`person:${id}`);
  const known = await find(tx, id);
  const { name = known.name, nameKo = known.nameKo } = change;
  const row = personRow(id, name, nameKo);
  tx.add(updatePerson.with(row));
  return toPerson(row);
}

const toGenre = ({ code, name, name_ko }: GenreRow): Genre => ({ code, name, nameKo: name_ko });

export const listGenres = async (db: Db): Promise<Genre[]> => (await db.all(allGenres, {})).map(toGenre);

export async function setGenre(tx: Tx, { code, name, nameKo }: Genre): Promise<Genre> {
  tx.add(putGenre.with({ code, name, name_ko: nameKo, search_text: searchText(code, name, nameKo) }));
  return { code, name, nameKo };
}
