/** The .proto files as descriptors, from which messages are read and written without generated code. */
import { create, createFileRegistry, type FileRegistry } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  file_google_protobuf_struct as struct,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MethodOptions_IdempotencyLevel as Level,
} from "@bufbuild/protobuf/wkt";
import { levelOf, NULL, type ProtoField, type ProtoFile, type ProtoMessage } from "./proto.model.ts";

const scalars: Readonly<Record<string, Type>> = {
  bool: Type.BOOL,
  double: Type.DOUBLE,
  int32: Type.INT32,
  int64: Type.INT64,
  string: Type.STRING,
};

const typed = (type: string) =>
  scalars[type] === undefined
    ? { type: type === NULL ? Type.ENUM : Type.MESSAGE, typeName: `.${type}` }
    : { type: scalars[type] };

const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** @param type a scalar's name, or the full name of another */
export const fieldOf = (name: string, number: number, type: string, label: Label, jsonName = camel(name)) => ({
  name,
  jsonName,
  number,
  label,
  ...typed(type),
});

/** A map is a list of messages with a key and a value. */
export const mapEntry = (name: string, type: string): DescriptorProto =>
  create(DescriptorProtoSchema, {
    name,
    field: [fieldOf("key", 1, "string", Label.OPTIONAL), fieldOf("value", 2, type, Label.OPTIONAL)],
    options: { mapEntry: true },
  });

const entryOf = ({ name, type }: ProtoField): DescriptorProto =>
  mapEntry(`${name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Entry`, type);

function messageOf(own: string, { name, fields, reserved }: ProtoMessage): DescriptorProto {
  const oneofs = [...new Set(fields.flatMap(({ oneof }) => oneof ?? []))];
  // An optional field counts as the only one of alternatives that nobody sees, behind the real ones.
  const optional = fields.filter(({ label }) => label === "optional").map((field) => `_${field.name}`);
  const nestedType: DescriptorProto[] = [];
  const field = fields.map((one): FieldDescriptorProto => {
    const { label, oneof, number, type } = one;
    const isMany = label === "repeated" || label === "map";
    const entry = label === "map" ? entryOf(one) : undefined;
    if (entry) nestedType.push(entry);
    return create(FieldDescriptorProtoSchema, {
      ...fieldOf(
        one.name,
        number,
        entry ? `${own}.${name}.${entry.name}` : type,
        isMany ? Label.REPEATED : Label.OPTIONAL,
        one.jsonName,
      ),
      ...(oneof && { oneofIndex: oneofs.indexOf(oneof) }),
      ...(label === "optional" && {
        proto3Optional: true,
        oneofIndex: oneofs.length + optional.indexOf(`_${one.name}`),
      }),
    });
  });
  return create(DescriptorProtoSchema, {
    name,
    field,
    nestedType,
    oneofDecl: [...oneofs, ...optional].map((alternatives) => ({ name: alternatives })),
    reservedRange: reserved.map(([, start]) => ({ start, end: start + 1 })),
    reservedName: reserved.map(([gone]) => gone),
  });
}

function descriptorOf(file: ProtoFile): FileDescriptorProto {
  const { path, package: own, service, imports, methods, messages } = file;
  return create(FileDescriptorProtoSchema, {
    name: path,
    package: own,
    syntax: "proto3",
    dependency: [...imports],
    messageType: messages.map((message) => messageOf(own, message)),
    service: [
      {
        name: service,
        method: methods.map(({ name, request, response, definition }) => {
          const level = levelOf(definition);
          const options = {
            ...(level && { idempotencyLevel: Level[level] }),
            ...(definition.deprecated && { deprecated: true }),
          };
          return {
            name,
            inputType: `.${request}`,
            outputType: `.${response}`,
            ...(definition.live && { serverStreaming: true }),
            ...(Object.keys(options).length > 0 && { options }),
          };
        }),
      },
    ],
  });
}

/** Those of the files, and of what they import, in the order in which each needs the ones before it. */
export const descriptorsOf = (files: readonly ProtoFile[]): readonly FileDescriptorProto[] => [
  struct.proto,
  ...files.map(descriptorOf),
];

export const registryOf = (descriptors: readonly FileDescriptorProto[]): FileRegistry =>
  createFileRegistry(create(FileDescriptorSetSchema, { file: [...descriptors] }));
