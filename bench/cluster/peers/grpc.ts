/** The same question as a gRPC method. */
import { type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { join } from "node:path";

const definition = loadSync(join(import.meta.dirname, "echo.proto"));

export const Echo = (loadPackageDefinition(definition)["echo"] as GrpcObject)["Echo"] as ServiceClientConstructor;
export const address = `127.0.0.1:${process.env["PORT"]}`;
