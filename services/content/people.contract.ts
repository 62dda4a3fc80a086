/** People who made or act in something, and genres, each with a name in both languages. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Page, paging, Strict, Text } from "#core/schema.ts";
import { GenreCode } from "./description.contract.ts";

const NameKo = Type.Union([Type.String(), Type.Null()]);
const Person = Type.Object({ id: Id, name: Type.String(), nameKo: NameKo }, { title: "Person" });
const Genre = Type.Object({ code: GenreCode, name: Type.String(), nameKo: Type.String() }, { title: "Genre" });

export const peopleActions = {
  listPeople: action({
    summary: "People by name, newest first",
    rest: "GET /people",
    auth: "public",
    input: Strict({ ...paging, q: Type.Optional(Text(100, 0)) }),
    output: Page(Person),
  }),
  getPerson: action({
    summary: "A person",
    rest: "GET /people/:id",
    auth: "public",
    input: ById,
    output: Person,
    errors: ["NOT_FOUND"],
  }),
  createPerson: action({
    summary: "Add a person who made or acts in something",
    rest: "POST /people",
    status: 201,
    shownBy: "getPerson",
    auth: "staff",
    input: Strict({ name: Text(100), nameKo: Type.Optional(Text(100)) }),
    output: Person,
  }),
  updatePerson: action({
    summary: "Correct a person's name",
    rest: "PATCH /people/:id",
    auth: "staff",
    input: Strict({ id: Id, name: Type.Optional(Text(100)), nameKo: Type.Optional(Text(100)) }),
    output: Person,
    errors: ["NOT_FOUND"],
  }),
  listGenres: action({
    summary: "All genres, by code",
    rest: "GET /genres",
    auth: "public",
    input: Strict({}),
    output: Type.Object({ items: Type.Array(Genre) }),
  }),
  setGenre: action({
    summary: "Add a genre, or change its name",
    rest: "PUT /genres/:code",
    auth: "staff",
    input: Strict({ code: GenreCode, name: Text(60), nameKo: Text(60) }),
    output: Genre,
  }),
};
