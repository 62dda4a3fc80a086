/** The addresses in a user's book: part of the user service's contract, in the shape that an order ships to. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Code, Country, Id, Nothing, Page, Strict, Text } from "#core/schema.ts";

export const Phone = Code("^[+]?[0-9 ()-]{5,29}$", 30);
export const Version = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
/** The version of `If-Match`, which is optional. */
export const IfMatch = { version: Type.Optional(Version) };

const place = {
  name: Text(100),
  line1: Text(200),
  line2: Type.Optional(Text(200)),
  city: Text(100),
  postalCode: Text(20),
  country: Country,
  phone: Type.Optional(Phone),
  isDefault: Type.Optional(
    Type.Boolean({ description: "At most one address is the default; the latest choice holds" }),
  ),
};
const Removable = { line2: Type.Union([Text(200), Type.Null()]), phone: Type.Union([Phone, Type.Null()]) };

const NewAddress = Strict(place);
export type NewAddress = Static<typeof NewAddress>;

const AddressChanges = Strict({
  ...Type.Partial(Type.Object({ ...place, ...Removable })).properties,
  ...IfMatch,
  id: Id,
});
export type AddressChanges = Omit<Static<typeof AddressChanges>, "id" | "version">;

export const Address = Type.Object(
  { ...place, id: Id, isDefault: Type.Boolean(), version: Version },
  { title: "Address" },
);
export type Address = Static<typeof Address>;

const actions = {
  listAddresses: action({
    summary: "My addresses, all on one page",
    rest: "GET /users/me/addresses",
    export: "addresses",
    auth: "customer",
    input: Strict({}),
    output: Page(Address),
  }),
  addAddress: action({
    summary: "Add an address",
    rest: "POST /users/me/addresses",
    status: 201,
    shownBy: "getAddress",
    auth: "customer",
    input: NewAddress,
    output: Address,
    errors: ["NOT_FOUND", "TOO_MANY_ADDRESSES"],
  }),
  getAddress: action({
    summary: "One of my addresses",
    rest: "GET /users/me/addresses/:id",
    auth: "customer",
    concurrency: "read",
    input: ById,
    output: Address,
    errors: ["NOT_FOUND"],
  }),
  editAddress: action({
    summary: "Change one of my addresses",
    rest: "PATCH /users/me/addresses/:id",
    auth: "customer",
    concurrency: "write",
    input: AddressChanges,
    output: Address,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  removeAddress: action({
    summary: "Remove one of my addresses",
    rest: "DELETE /users/me/addresses/:id",
    status: 204,
    auth: "customer",
    concurrency: "write",
    input: Strict({ ...IfMatch, id: Id }),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
};

export const addresses = { name: "addresses", actions: () => actions } satisfies Block;
