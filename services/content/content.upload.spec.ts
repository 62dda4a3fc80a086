/**
 * Resumable uploads over HTTP, as a client of tus 1.0 makes them.
 * @databases sqlite: uploads are files, whatever the database is
 */
import { connect } from "node:net";
import { newId } from "#core/id.ts";
import { EncodingService } from "../../test/support/systems/encoding-service.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { tokenOf } from "../../test/support/actors/people.ts";
import { localService } from "../../test/support/systems/local-service.ts";

let service: EncodingService;
let url: string;
let token: string;
beforeAll(async () => {
  service = await EncodingService.start({ CONTENT_PORT: "0", CONTENT_LARGEST: "1", CONTENT_ENCODERS: "0" });
  url = localService<{ uploads: { url: string } }>(service.broker, "content").uploads.url;
  token = await tokenOf("ann", "staff");
});
afterAll(() => service.stop());

const tus = { "tus-resumable": "1.0.0" };
const bytes = Buffer.from("0123456789".repeat(1000));

function ask(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer, as = token) {
  const authorization = as === "" ? {} : { authorization: `Bearer ${as}` };
  return fetch(`${url}${path}`, {
    method,
    headers: { ...tus, ...authorization, ...headers },
    ...(body ? { body } : {}),
  });
}
const problem = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
const begin = async (length = bytes.length) => {
  const answer = await ask("POST", "/uploads/", { "upload-length": `${length}` });
  expect(answer.status).toBe(201);
  return answer.headers.get("location")!;
};
const append = (path: string, offset: number, part: Buffer) =>
  ask("PATCH", path, { "upload-offset": `${offset}`, "content-type": "application/offset+octet-stream" }, part);
const offsetOf = async (path: string) => (await ask("HEAD", path)).headers.get("upload-offset");

describe("an upload", () => {
  it("goes on where it ended, and is a source when it is whole", async () => {
    const path = await begin();
    expect(path).toMatch(/^\/uploads\/[0-9a-f-]{36}$/);
    expect((await append(path, 0, bytes.subarray(0, 4000))).status).toBe(204);
    expect(await offsetOf(path)).toBe("4000");
    expect(await problem(await append(path, 3000, bytes.subarray(3000)))).toEqual([409, "CONTENT_UPLOAD_MISMATCH"]);
    expect((await append(path, 4000, bytes.subarray(4000))).status).toBe(204);
    const found = await service.storage.read(`sources/${path.split("/").at(-1)}`);
    expect(Buffer.concat(await found!.stream.toArray())).toEqual(bytes);
    expect(await offsetOf(path)).toBe(`${bytes.length}`);
    expect(await problem(await append(path, bytes.length, bytes))).toEqual([409, "CONTENT_UPLOAD_MISMATCH"]);
  });

  it("keeps what came before its connection was cut", async () => {
    const path = await begin();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const head = [`PATCH ${path} HTTP/1.1`, "Host: a", `Authorization: Bearer ${token}`, "Tus-Resumable: 1.0.0"];
    head.push("Upload-Offset: 0", "Content-Type: application/offset+octet-stream", `Content-Length: ${bytes.length}`);
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    socket.write(bytes.subarray(0, 6000));
    await eventually(async () => (await offsetOf(path)) === "6000" || socket.destroy());
    const offset = Number(await eventually(() => offsetOf(path)));
    expect((await append(path, offset, bytes.subarray(offset))).status).toBe(204);
    expect(await service.storage.stat(`sources/${path.split("/").at(-1)}`)).toMatchObject({ size: bytes.length });
  });

  it("is of its owner alone, and of staff", async () => {
    const path = await begin();
    const stranger = await tokenOf("bob", "staff");
    for (const method of ["HEAD", "DELETE"])
      expect((await ask(method, path, {}, undefined, stranger)).status).toBe(404);
    expect(await problem(await ask("PATCH", path, { "upload-offset": "0" }, bytes, stranger))).toEqual([
      404,
      "NOT_FOUND",
    ]);
    const customer = await tokenOf("eve", "customer");
    expect(await problem(await ask("POST", "/uploads/", {}, undefined, customer))).toEqual([403, "FORBIDDEN"]);
    expect(await problem(await ask("POST", "/uploads/", {}, undefined, ""))).toEqual([401, "UNAUTHENTICATED"]);
    const owner = Buffer.from("bob").toString("base64");
    const forged = await ask("POST", "/uploads/", { "upload-length": "1", "upload-metadata": `owner ${owner}` });
    expect((await ask("HEAD", forged.headers.get("location")!, {}, undefined, stranger)).status).toBe(404);
  });

  it.each([
    ["POST", "/uploads/", { "upload-length": `${2 ** 20 + 1}` }, 413, "PAYLOAD_TOO_LARGE"],
    ["POST", "/uploads/", { "upload-length": "x" }, 400, "MALFORMED_REQUEST"],
    ["POST", "/uploads/", {}, 400, "MALFORMED_REQUEST"],
    ["GET", `/uploads/${newId()}`, {}, 404, "NOT_FOUND"],
    ["PATCH", "/uploads/../keys", {}, 404, "NOT_FOUND"],
    ["PATCH", "/uploads/%2e%2e%2fkeys", {}, 404, "NOT_FOUND"],
  ])("is refused as a problem: %s %s %j", async (method, path, headers, status, code) => {
    expect(await problem(await ask(method, path, headers))).toEqual([status, code]);
  });
});
