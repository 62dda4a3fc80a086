/** Which form of an answer a client gets, and for how long it may keep it. */
import { sendRequest } from "../../test/support/actors/http-request.ts";
import { type SampleGateway, startGateway } from "../../test/support/systems/sample-gateway.ts";

let gateway: SampleGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.broker.stop());

const ask = (id: string, headers: Record<string, string>) =>
  sendRequest(gateway.url, "GET", `/api/v1/books/${id}/cover`, headers);

describe("a file", () => {
  it.each([
    ["image/png", true],
    // What a browser asks for on behalf of a page with a picture.
    ["image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", true],
    ["application/json;q=0.5, image/*", true],
    ["image/png, */*", true],
    ["*/*", false],
    ["application/json", false],
    ["image/png;q=0, */*", false],
    ["image/*;q=0.2, */*", false],
    ["application/pdf", false],
  ])("for Accept: %s", async (accept, isFile) => {
    const { text, headers } = await ask("1", { accept });
    expect(headers.get("content-type")).toBe(isFile ? "image/png" : "application/json; charset=utf-8");
    expect(isFile ? text : JSON.parse(text)).toEqual(
      isFile ? "cover" : { name: "1.png", mediaType: "image/png", content: "Y292ZXI=" },
    );
  });

  it("that never changes may be kept by anybody; that it is not there, by nobody", async () => {
    const { headers } = await ask("1", { accept: "image/png" });
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(headers.get("vary")).toContain("Accept");
    const missing = await ask("0", { accept: "image/png" });
    expect([missing.status, missing.headers.get("cache-control")]).toEqual([404, "no-store"]);
  });
});
