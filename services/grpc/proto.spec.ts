/** The .proto files: what contracts become, and that a field's number is given once and for ever. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import Type, { type TSchema } from "typebox";
import { action, type Contract, type ContractDefinition, defineContract } from "#core/contract.ts";
import { LiveItems, Nothing, Strict, Text } from "#core/schema.ts";
import { contracts } from "#mixins/node/services.ts";
import { root } from "../../test/support/fixtures/source.ts";
import numbers from "./proto.lock.json" with { type: "json" };
import { descriptorsOf } from "./proto.descriptors.ts";
import { eventKey, protoOf } from "./proto.model.ts";
import { protoText } from "./proto.text.ts";

const Note = Type.Object({ id: Type.String(), count: Type.Integer(), share: Type.Number() }, { title: "Note" });

const notes = (input: TSchema, output: TSchema = Nothing): Contract =>
  defineContract("note-book", {
    summary: "Notes",
    actions: {
      change: action({ summary: "Change a note", auth: "customer", rest: "PATCH /notes/:id", input, output }),
    },
  });

const fieldsOf = (contract: Contract, before = {}) => {
  const { files, numbers: after } = protoOf([contract], before);
  const { fields, reserved } = files[0]!.messages[0]!;
  return { fields: Object.fromEntries(fields.map(({ name, number }) => [name, number])), reserved, after };
};

describe("a .proto file", () => {
  it("says what the contract says", () => {
    const contract = defineContract("note-book", {
      summary: "Notes",
      actions: {
        change: action({
          summary: "Change a note",
          auth: "staff",
          rest: "POST /notes/:id",
          idempotent: true,
          input: Strict({
            id: Text(9),
            pageCount: Type.Optional(Type.Integer()),
            tags: Type.Optional(Type.Array(Text(9))),
            colour: Type.Optional(Type.Union([Type.Enum(["red", "blue"]), Type.Null()])),
          }),
          output: Note,
          errors: ["NOT_FOUND"],
        }),
        watch: action({
          summary: "Follow a note",
          auth: "public",
          rest: "GET /notes/:id/events",
          live: true,
          sends: { "note.edited": { summary: "Somebody changed it", data: Note } },
          input: Strict({ id: Text(9) }),
          output: LiveItems,
        }),
        drop: action({ summary: "Drop", auth: "service", input: Strict({}), output: Nothing }),
      },
    }) as unknown as Contract;
    expect(protoText(protoOf([contract], {}).files[0]!)).toBe(`\
// Written by "npm run generate" from the contract of the service note-book: change that.
syntax = "proto3";

package madang.note_book.v1;

import "google/protobuf/struct.proto";

// Notes.
service NoteBookService {
  // Change a note. For: staff. The metadata idempotency-key is required. May fail with: NOT_FOUND.
  rpc Change(ChangeRequest) returns (Note) {
    option idempotency_level = IDEMPOTENT;
  }

  // Follow a note. For: public.
  rpc Watch(WatchRequest) returns (stream WatchResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}

message ChangeRequest {
  string id = 1;
  optional int64 page_count = 2;
  repeated string tags = 3;
  oneof colour_or_null {
    string colour = 4;
    google.protobuf.NullValue colour_null = 5;
  }
}

message Note {
  string id = 1;
  int64 count = 2;
  double share = 3;
}

message WatchRequest {
  string id = 1;
}

message WatchResponse {
  // Its position: who asks with it as \`after\` goes on behind it.
  string id = 1;
  // What happened, such as order.confirmed.
  string event = 2;
  google.protobuf.Value data = 3;
  // The same as \`data\`, with its type. It is not set for an event that this file does not name, nor for data that an
  // older release stored in another form.
  oneof happened {
    // Somebody changed it.
    Note note_edited = 4;
  }
}
`);
  });

  it("has the events that a live stream shows, and gives a new one the next number", () => {
    const watch = action({ summary: "Follow", auth: "public", live: true, input: Strict({}), output: LiveItems });
    const shown = {
      version: 1,
      summary: "It was changed",
      data: Type.Object({ count: Type.Integer() }),
      push: "owner",
    } as const;
    const numbersOf = (events: ContractDefinition["events"], before = {}) => {
      const contract = defineContract("note-book", { summary: "Notes", actions: { watch }, events: events! });
      const { files, numbers: after } = protoOf([contract], before);
      const { fields } = files[0]!.messages.find(({ name }) => name === "WatchResponse")!;
      return {
        after,
        fields: fields.filter(({ oneof }) => oneof).map(({ name, number, type }) => [name, number, type]),
      };
    };
    const { push: _, ...unseen } = shown;
    const { fields, after } = numbersOf({ pageTurned: shown, counted: unseen });
    expect(fields).toEqual([["note_book_page_turned", 4, "madang.note_book.v1.NoteBookPageTurned"]]);
    const more = numbersOf({ ended: shown, pageTurned: shown }, after);
    expect(more.fields.map(([name, number]) => [name, number])).toEqual([
      ["note_book_page_turned", 4],
      ["note_book_ended", 5],
    ]);
  });

  it.each([
    ["a union", Strict({ one: Type.Union([Type.String(), Type.Integer()]) })],
    ["a list of lists", Strict({ one: Type.Array(Type.Array(Type.String())) })],
    ["a list that may be null", Strict({ one: Type.Union([Type.Array(Type.String()), Type.Null()]) })],
    ["two shapes of one title", Strict({ a: Note, b: Type.Object({ id: Type.String() }, { title: "Note" }) })],
  ])("is not made of %s", (_, input) => {
    expect(() => protoOf([notes(input)], {})).toThrow(/madang\.note_book\.v1|no \.proto|No \.proto/i);
  });
});

describe("the number of a field", () => {
  it("stays, whatever comes before it", () => {
    const { after } = fieldsOf(notes(Strict({ b: Text(1), c: Text(1) })));
    const { fields, reserved } = fieldsOf(notes(Strict({ a: Text(1), b: Text(1), c: Text(1) })), after);
    expect([fields, reserved]).toEqual([{ b: 1, c: 2, a: 3 }, []]);
  });

  it("is never given again, unless the field comes back", () => {
    const { after } = fieldsOf(notes(Strict({ a: Text(1), b: Text(1) })));
    const without = fieldsOf(notes(Strict({ a: Text(1), c: Text(1) })), after);
    expect([without.fields, without.reserved]).toEqual([{ a: 1, c: 3 }, [["b", 2]]]);
    const back = fieldsOf(notes(Strict({ a: Text(1), b: Text(1) })), without.after);
    expect([back.fields, back.reserved]).toEqual([{ a: 1, b: 2 }, [["c", 3]]]);
    expect(protoText(protoOf([notes(Strict({ a: Text(1), c: Text(1) }))], after).files[0]!)).toContain(
      'message ChangeRequest {\n  reserved 2;\n  reserved "b";\n',
    );
  });
});

it.each([
  ["order.confirmed", "orderConfirmed"],
  ["order.delivery_failed", "orderDeliveryFailed"],
  ["note-book.page-2_torn", "noteBookPage2Torn"],
])("the field of %s is %s in JSON, as protoc has it", (event, key) => expect(eventKey(event)).toBe(key));

describe("the .proto files of the platform", () => {
  it("are read by others as the gateway reads them", async () => {
    const out = join(tmpdir(), `madang-${process.pid}.binpb`);
    const args = ["build", "clients/proto", "--exclude-source-info", "--as-file-descriptor-set", "-o", out];
    const { stderr } = spawnSync(process.execPath, ["node_modules/@bufbuild/buf/bin/buf", ...args], {
      cwd: root,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const built = fromBinary(FileDescriptorSetSchema, readFileSync(out)).file;
    const own = descriptorsOf(protoOf(await contracts(), numbers).files).filter(({ name }) =>
      name.startsWith("madang/"),
    );
    expect(own.length).toBeGreaterThan(4);
    for (const file of own) {
      const theirs = built.find(({ name }) => name === file.name);
      expect(theirs && toJson(FileDescriptorProtoSchema, theirs)).toEqual(toJson(FileDescriptorProtoSchema, file));
    }
  });

  it("have a method for every action that is for people", async () => {
    const { files } = protoOf(await contracts(), numbers);
    const methods = files.flatMap(({ contract, methods: some }) =>
      some.map(({ action: name }) => `${contract.name}.${name}`),
    );
    const actions = (await contracts()).flatMap(({ name, gateway, actions: some }) =>
      gateway
        ? []
        : Object.entries(some).flatMap(([key, { auth, raw }]) => (auth === "service" || raw ? [] : [`${name}.${key}`])),
    );
    expect(methods.toSorted()).toEqual(actions.toSorted());
  });
});
