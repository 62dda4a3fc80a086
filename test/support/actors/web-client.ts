/** Clients of gRPC-Web and Connect as pages have them, which know the sample service by its descriptors alone. */
import { type CallOptions, ConnectError, Code, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { descriptorsOf, registryOf } from "../../../services/grpc/proto.descriptors.ts";
import { protoOf } from "../../../services/grpc/proto.model.ts";
import { rpc } from "../../../services/grpc/standard.descriptors.ts";
import { sampleContract } from "../systems/sample-grpc.ts";

export type Fields = Record<string, unknown>;
type Unary = (request: Fields, options?: CallOptions) => Promise<Fields>;
type Streaming = (request: Fields, options?: CallOptions) => AsyncIterable<Fields>;

type Method = "get" | "edit" | "add" | "remove" | "fail" | "sleep" | "rare" | "who";
export type Books = Readonly<Record<Method, Unary>> & { readonly watch: Streaming };

export const SERVICE = "madang.book.v1.BookService";
const service = registryOf(descriptorsOf(protoOf([sampleContract], {}).files)).getService(SERVICE)!;

/** By the protocol's name. */
export const transports: Readonly<Record<string, (baseUrl: string) => Transport>> = {
  Connect: (baseUrl) => createConnectTransport({ baseUrl }),
  "Connect with GET and binary messages": (baseUrl) =>
    createConnectTransport({ baseUrl, useHttpGet: true, useBinaryFormat: true }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl }),
};

export const booksThrough = (transport: Transport): Books => createClient(service, transport) as unknown as Books;

/** What a call fails with; null when it succeeds. */
export async function failureOf(call: Promise<unknown>): Promise<object | null> {
  const error = await call.then(
    () => null,
    (reason: unknown) => ConnectError.from(reason),
  );
  if (!error) return null;
  const [info] = error.findDetails(rpc.ErrorInfo) as unknown as Fields[];
  const [invalid] = error.findDetails(rpc.BadRequest) as unknown as { fieldViolations: { field: string }[] }[];
  return {
    code: Code[error.code],
    message: error.rawMessage,
    reason: info?.["reason"],
    fields: invalid?.fieldViolations.map(({ field }) => field),
  };
}

export async function readAll(items: AsyncIterable<Fields>): Promise<Fields[]> {
  const read: Fields[] = [];
  for await (const item of items) read.push(item);
  return read;
}
