/** The gRPC server by itself: who may connect, and for how long. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials, type ChannelCredentials, type ServiceError } from "@grpc/grpc-js";
import { endsWithin } from "../../test/support/fixtures/clock.ts";
import { GrpcServer } from "./server.ts";

const folder = mkdtempSync(join(tmpdir(), "madang-tls-"));
const read = (name: string): Buffer => readFileSync(join(folder, name));

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Certificates of one authority. */
function certify(name: string): void {
  openssl(
    "req",
    ...key,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
    "-subj",
    `/CN=${name}`,
    "-addext",
    "subjectAltName=IP:127.0.0.1",
  );
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-days",
    "2",
    "-copy_extensions",
    "copy",
    "-out",
    `${name}.pem`,
  );
}

beforeAll(() => {
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority");
  certify("server");
  certify("partner");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asIs = (bytes: Buffer): Buffer => bytes;

/** The code of the answer: 0 for one. */
function ask(port: number, secret: ChannelCredentials): Promise<number> {
  const client = new Client(`127.0.0.1:${port}`, secret);
  return new Promise<ServiceError | null>((resolve) =>
    client.makeUnaryRequest("/a/b", asIs, asIs, Buffer.from("x"), (error) => resolve(error)),
  )
    .then((error) => error?.code ?? 0)
    .finally(() => client.close());
}

async function open(clientCa: string | null | undefined): Promise<GrpcServer> {
  const tls = { certificate: read("server.pem").toString(), key: read("server.key").toString() };
  const server = new GrpcServer({
    connectionAge: 60_000,
    tls: clientCa === undefined ? undefined : { ...tls, clientCa },
  });
  server.unary("/a/b", (call, done) => done(null, call.request));
  await server.listen(0, "127.0.0.1");
  return server;
}

const known = () => credentials.createSsl(read("ca.pem"), read("partner.key"), read("partner.pem"));
const unknown = () => credentials.createSsl(read("ca.pem"));

it.each([
  ["a certificate", false, [14, 0, 0]],
  ["a certificate, and those of clients' authorities", true, [14, 14, 0]],
])("a server with %s takes who may come", async (_, isMutual, expected) => {
  const server = await open(isMutual ? read("ca.pem").toString() : null);
  const codes = [];
  for (const secret of [credentials.createInsecure(), unknown(), known()]) codes.push(await ask(server.port, secret));
  await server.drain(1000);
  expect(codes).toEqual(expected);
});

it("an address that is taken is told in a sentence", async () => {
  const first = await open(undefined);
  const second = new GrpcServer({ connectionAge: 60_000 });
  await expect(second.listen(first.port, "127.0.0.1")).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringMatching(new RegExp(`^GRPC_PORT ${first.port} of 127\\.0\\.0\\.1 .+EADDRINUSE.+\\.$`)),
  });
  await first.drain(1000);
});

it("a call that never ends is ended when the patience does", async () => {
  const server = new GrpcServer({ connectionAge: 60_000 });
  let asked = () => {};
  const arrived = new Promise<void>((resolve) => (asked = resolve));
  server.unary("/a/b", () => asked());
  await server.listen(0, "127.0.0.1");
  const answer = ask(server.port, credentials.createInsecure());
  await arrived;
  // Long before the keep-alive finds out that nobody is there.
  expect(await endsWithin(10_000, server.drain(50))).toBe(true);
  expect([1, 14]).toContain(await answer);
});
