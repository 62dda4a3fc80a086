/** gRPC-js with one method, which reads and writes messages as its users do. */
import { join } from "node:path";
import {
  type GrpcObject,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { port, product } from "./answer.ts";

const includeDirs = [join(import.meta.dirname, "../../clients/proto")];
const definition = loadPackageDefinition(loadSync("madang/product/v1/product.proto", { includeDirs }));
const { ProductService } = ["madang", "product", "v1"].reduce((at, name) => at[name] as GrpcObject, definition);

const server = new Server();
server.addService((ProductService as ServiceClientConstructor).service, {
  Get: (_call: unknown, done: (error: null, value: typeof product) => void) => done(null, product),
});
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
