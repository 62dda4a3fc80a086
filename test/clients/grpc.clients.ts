/** Clients of others over gRPC: grpcurl, a client that protoc makes for Python from clients/proto, and load by ghz. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../support/fixtures/source.ts";
import { Client } from "../support/actors/client.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { isHere } from "../support/systems/is-here.ts";
import { findProgram, run } from "./program.ts";

const GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4";
const GHZ = "github.com/bojand/ghz/cmd/ghz@v0.93.0";
const PYTHON = ["grpcio==1.85.1", "grpcio-tools==1.85.1"];
const account = { email: "reader@example.com", password: "a-long-passphrase-of-mine", name: "Reader" };

let folder: string;
let allServices: AllServices;
let productId: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "madang-clients-"));
  allServices = await AllServices.open({ GRPC_PORT: "0" });
  productId = await allServices.product();
  expect((await new Client(allServices.url).post("/users", account)).status).toBe(201);
});
afterAll(async () => {
  await allServices.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A program written in Go, built once. */
async function built(source: string): Promise<string> {
  await run(folder, "env", `GOBIN=${folder}`, "go", "install", source);
  return join(folder, /\/(\w+)@/.exec(source)![1]!);
}

if (isHere(() => findProgram("go", "version"))) {
  it("grpcurl finds all that there is by itself", async () => {
    const program = await built(GRPCURL);
    const { grpcAddress: address } = allServices;
    const grpcurl = (...args: readonly string[]) => run(folder, program, "-plaintext", ...args);
    const services = (await grpcurl(address, "list")).split("\n");
    expect(services).toEqual(expect.arrayContaining(["grpc.health.v1.Health", "madang.order.v1.OrderService"]));
    // Each file with all that it needs.
    for (const service of services)
      expect(await grpcurl(address, "describe", service)).toContain(`${service} is a service`);
    expect(JSON.parse(await grpcurl(address, "grpc.health.v1.Health/Check"))).toEqual({ status: "SERVING" });
    const get = (id: string) => grpcurl("-d", JSON.stringify({ id }), address, "madang.product.v1.ProductService/Get");
    expect(JSON.parse(await get(productId))).toMatchObject({ id: productId, price: { amount: "1000" } });
    const failed = await get(productId.replace(/.{4}$/, "0000")).catch(String);
    expect(failed).toContain("Code: NotFound");
    expect(failed).toMatch(/"reason":\s*"NOT_FOUND"/);
  });

  it("ghz is answered every time", async () => {
    const program = await built(GHZ);
    const report = await run(
      folder,
      program,
      "--insecure",
      "--call=madang.product.v1.ProductService.Get",
      `--data=${JSON.stringify({ id: productId })}`,
      "--total=5000",
      "--concurrency=64",
      "--connections=4",
      "--timeout=60s",
      "--format=json",
      allServices.grpcAddress,
    );
    expect(JSON.parse(report)).toMatchObject({ count: 5000, statusCodeDistribution: { OK: 5000 } });
  });
}

if (isHere(() => findProgram("python3", "-m", "venv", "--help")))
  it("a client of Python places an order and follows it", async () => {
    await run(folder, "python3", "-m", "venv", "venv");
    const python = (...args: readonly string[]) => run(folder, join(folder, "venv/bin/python"), ...args);
    await python("-m", "pip", "install", "--quiet", ...PYTHON);
    const protos = ["order", "payment", "product", "user"].map((name) => `madang/${name}/v1/${name}.proto`);
    await python(
      "-m",
      "grpc_tools.protoc",
      `--proto_path=${join(root, "clients/proto")}`,
      "--python_out=.",
      "--grpc_python_out=.",
      ...protos,
    );
    const place = join(root, "test/clients/order_grpc.py");
    const told = await run(
      folder,
      "env",
      `PYTHONPATH=${folder}`,
      join(folder, "venv/bin/python"),
      place,
      allServices.grpcAddress,
      account.email,
      account.password,
    );
    expect(told.split("\n")).toEqual(["order.placed", "order.confirmed", "confirmed"]);
  });
