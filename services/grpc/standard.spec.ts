/** Health and reflection, as the tools of others ask for them. */
import { promisify } from "node:util";
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { credentials, loadPackageDefinition, type ServiceClientConstructor, type GrpcObject } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { protoPath } from "grpc-health-check";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { type SampleGrpc, startGrpc } from "../../test/support/systems/sample-grpc.ts";

const SERVICE = "madang.book.v1.BookService";
const packageOf = (name: string) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

let grpc: SampleGrpc;
beforeAll(async () => {
  process.env.RATE_LIMIT_ADDRESS = "50";
  grpc = await startGrpc();
});
afterAll(() => grpc.stop());

function clientOf(path: string, ...names: string[]) {
  const definition = loadPackageDefinition(loadSync(path, { enums: String, defaults: true }));
  const Client = names.reduce((at, name) => at[name] as GrpcObject, definition) as unknown as ServiceClientConstructor;
  return new Client(grpc.address, credentials.createInsecure());
}

describe("health", () => {
  const health = () => clientOf(protoPath, "grpc", "health", "v1", "Health");
  const check = async (service: string) => {
    const client = health();
    const ask = promisify(
      (client["check"] as (one: object, done: (error: Error | null, value: unknown) => void) => void).bind(client),
    );
    return ask({ service }).finally(() => client.close());
  };

  it("tells of the node and of each service behind it", async () => {
    await eventually(async () => ((await check("")) as { status: string }).status === "SERVING");
    expect(await check(SERVICE)).toEqual({ status: "SERVING" });
    await expect(check("madang.nobody.v1.NobodyService")).rejects.toMatchObject({ code: 5 });
  });

  it("tells who watches that a service has gone and come back", async () => {
    const client = health();
    const told: string[] = [];
    const stream = (client["watch"] as (one: object) => NodeJS.EventEmitter & { cancel(): void })({ service: SERVICE });
    stream.on("data", ({ status }: { status: string }) => told.push(status)).on("error", () => undefined);
    await eventually(() => told.length === 1);
    const book = grpc.broker.getLocalService("v1.book");
    await grpc.broker.destroyService(book);
    await eventually(() => told.at(-1) === "NOT_SERVING");
    grpc.broker.createService(book.originalSchema);
    await eventually(() => told.at(-1) === "SERVING");
    stream.cancel();
    client.close();
  });
});

describe("reflection", () => {
  interface Reflected {
    readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
    readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
  }
  const ask = (request: object): Promise<Reflected> => {
    const path = join(packageOf("@grpc/reflection"), "build/proto/grpc/reflection/v1/reflection.proto");
    const client = clientOf(path, "grpc", "reflection", "v1", "ServerReflection");
    type Duplex = NodeJS.ReadableStream & NodeJS.WritableStream & { write(one: object): void; end(): void };
    const stream = (client["serverReflectionInfo"] as () => Duplex)();
    return new Promise<Reflected>((resolve, reject) => {
      stream.on("data", resolve).on("error", reject);
      stream.write(request);
      stream.end();
    }).finally(() => client.close());
  };

  it("lists the services, and gives the files of one with those it needs", async () => {
    const { listServicesResponse } = await ask({ listServices: "*" });
    const listed = listServicesResponse!.service.map(({ name }) => name);
    expect(listed).toEqual(expect.arrayContaining([SERVICE, "grpc.health.v1.Health"]));
    const { fileDescriptorResponse } = await ask({ fileContainingSymbol: SERVICE });
    const files = fileDescriptorResponse!.fileDescriptorProto.map(String);
    expect(files.some((text) => text.includes("madang/book/v1/book.proto"))).toBe(true);
    expect(files.some((text) => text.includes("google/protobuf/struct.proto"))).toBe(true);
  });

  it.each(["grpc.health.v1.Health", "google.rpc.Status", "google.rpc.ErrorInfo", "google.rpc.BadRequest"])(
    "gives what a client needs to read %s",
    async (symbol) => {
      const { fileDescriptorResponse } = await ask({ fileContainingSymbol: symbol });
      const file = fileDescriptorResponse!.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
      // The one that was asked for comes first, a registry wants it after those that it needs.
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: file.toReversed() }));
      expect(registry.get(symbol)).toBeDefined();
    },
  );
});

it("who asks too often is refused here as well", async () => {
  const client = clientOf(protoPath, "grpc", "health", "v1", "Health");
  const check = promisify(
    (client["check"] as (one: object, done: (error: Error | null, value: unknown) => void) => void).bind(client),
  );
  const answers = await Promise.all(
    Array.from({ length: 60 }, () =>
      check({ service: "" }).then(
        () => 0,
        ({ code }: { code: number }) => code,
      ),
    ),
  );
  client.close();
  expect(new Set(answers)).toEqual(new Set([0, 8]));
});

it("what reaches no method counts as well, where the gateway hears of it", async () => {
  const ask = (path: string) =>
    fetch(`${grpc.webUrl}${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: "{" });
  const codes = async (path: string) => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(path)));
    return new Set(answers.map(({ status }) => status));
  };
  expect(await codes(`/${SERVICE}/Get`)).toEqual(new Set([400, 429]));
  expect((await codes(`/${SERVICE}/Burn`)).has(429)).toBe(true);
});
