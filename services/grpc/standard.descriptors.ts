/**
 * What others have defined and clients of gRPC know: health (grpc/health/v1/health.proto) and the details of errors
 * (google/rpc/status.proto, error_details.proto). They are built here because no package has them as descriptors that all
 * tools can read.
 */
import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  file_google_protobuf_any as any,
  file_google_protobuf_duration as duration,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { fieldOf, mapEntry } from "./proto.descriptors.ts";

export const HEALTH = "grpc.health.v1.Health";

const one = (name: string, number: number, type: string) => fieldOf(name, number, type, Label.OPTIONAL);
const many = (name: string, number: number, type: string) => fieldOf(name, number, type, Label.REPEATED);

const health = create(FileDescriptorProtoSchema, {
  name: "grpc/health/v1/health.proto",
  package: "grpc.health.v1",
  syntax: "proto3",
  messageType: [
    { name: "HealthCheckRequest", field: [one("service", 1, "string")] },
    {
      name: "HealthCheckResponse",
      field: [{ ...one("status", 1, "grpc.health.v1.HealthCheckResponse.ServingStatus"), type: Type.ENUM }],
      enumType: [
        {
          name: "ServingStatus",
          value: ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"].map((name, number) => ({ name, number })),
        },
      ],
    },
    { name: "HealthListRequest" },
    {
      name: "HealthListResponse",
      field: [many("statuses", 1, "grpc.health.v1.HealthListResponse.StatusesEntry")],
      nestedType: [mapEntry("StatusesEntry", "grpc.health.v1.HealthCheckResponse")],
    },
  ],
  service: [
    {
      name: "Health",
      method: [
        {
          name: "Check",
          inputType: ".grpc.health.v1.HealthCheckRequest",
          outputType: ".grpc.health.v1.HealthCheckResponse",
        },
        {
          name: "List",
          inputType: ".grpc.health.v1.HealthListRequest",
          outputType: ".grpc.health.v1.HealthListResponse",
        },
        {
          name: "Watch",
          inputType: ".grpc.health.v1.HealthCheckRequest",
          outputType: ".grpc.health.v1.HealthCheckResponse",
          serverStreaming: true,
        },
      ],
    },
  ],
});

const status = create(FileDescriptorProtoSchema, {
  name: "google/rpc/status.proto",
  package: "google.rpc",
  syntax: "proto3",
  dependency: [any.proto.name],
  messageType: [
    {
      name: "Status",
      field: [one("code", 1, "int32"), one("message", 2, "string"), many("details", 3, "google.protobuf.Any")],
    },
  ],
});

/** Those that errors of this gateway carry. */
const details = create(FileDescriptorProtoSchema, {
  name: "google/rpc/error_details.proto",
  package: "google.rpc",
  syntax: "proto3",
  dependency: [duration.proto.name],
  messageType: [
    {
      name: "ErrorInfo",
      field: [
        one("reason", 1, "string"),
        one("domain", 2, "string"),
        many("metadata", 3, "google.rpc.ErrorInfo.MetadataEntry"),
      ],
      nestedType: [mapEntry("MetadataEntry", "string")],
    },
    { name: "RetryInfo", field: [one("retry_delay", 1, "google.protobuf.Duration")] },
    {
      name: "BadRequest",
      field: [many("field_violations", 1, "google.rpc.BadRequest.FieldViolation")],
      nestedType: [
        {
          name: "FieldViolation",
          field: [
            one("field", 1, "string"),
            one("description", 2, "string"),
            one("reason", 3, "string"),
            one("localized_message", 4, "google.rpc.LocalizedMessage"),
          ],
        },
      ],
    },
    { name: "LocalizedMessage", field: [one("locale", 1, "string"), one("message", 2, "string")] },
  ],
});

/** In the order in which each needs the ones before it. */
export const standardDescriptors: readonly FileDescriptorProto[] = [any.proto, duration.proto, status, details, health];

const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...standardDescriptors] }));
const message = (name: string): DescMessage => registry.getMessage(`google.rpc.${name}`)!;

export const rpc = {
  Status: message("Status"),
  ErrorInfo: message("ErrorInfo"),
  RetryInfo: message("RetryInfo"),
  BadRequest: message("BadRequest"),
  LocalizedMessage: message("LocalizedMessage"),
} as const;
