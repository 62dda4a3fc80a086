/** Bytes that the typed client sends: pictures, files of products, and films over a network that breaks. */
import { newId } from "#core/id.ts";
import { createClient, isMadangError } from "../../clients/typescript/src/index.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { PICTURE } from "../support/fixtures/product-cases.ts";
import { AllServices, type Role } from "../support/systems/all-services.ts";

let allServices: AllServices;
beforeAll(async () => {
  allServices = await AllServices.open();
});
afterAll(() => allServices.close());

/** What becomes of the parts of a film, one after another; then they come. */
type Fate = "comes" | "answer is lost" | "is cut";

async function clientFor(role: Role, fates: Fate[] = []) {
  const { token } = await allServices.person(role);
  const sent: string[] = [];
  const network: typeof fetch = async (input, init = {}) => {
    const fate = init.method === "PATCH" ? fates.shift() : undefined;
    sent.push(init.method!);
    if (fate === "is cut") throw new TypeError("fetch failed");
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` };
    const answer = await fetch(input, { ...init, headers });
    if (fate === "answer is lost") throw new TypeError("terminated");
    return answer;
  };
  return { sent, client: createClient({ url: allServices.url, fetch: network, retry: { delay: 1 } }) };
}

it("takes a picture and a file of products as bytes, and as text in Base64", async () => {
  const { client } = await clientFor("admin");
  const bytes = Buffer.from(PICTURE, "base64");
  for (const content of [PICTURE, bytes, new Uint8Array(bytes), new Blob([bytes])]) {
    const { images } = await client.product.addImage({ id: await allServices.product(), content });
    expect(images).toMatchObject([{ width: 1, height: 1 }]);
  }
  const sku = `B-${newId()}`;
  const file = new Blob([`sku,name,price,currency\n${sku},녹차,1000,KRW`]);
  const { id } = await client.product.createImport({ content: file });
  await eventually(async () => (await client.product.getImport({ id })).state === "done");
  expect((await client.product.list({ q: sku })).items).toMatchObject([{ sku, name: "녹차" }]);
});

describe("upload", () => {
  const film = new Blob([Buffer.from("0123456789".repeat(1000))]);

  it("goes on behind what has come, when parts are cut and answers lost", async () => {
    const fates: Fate[] = ["comes", "is cut", "answer is lost", "comes", "answer is lost"];
    const { client, sent } = await clientFor("admin", fates);
    const told: number[] = [];
    const id = await client.upload(film, { partSize: 3000, onProgress: (bytes) => told.push(bytes) });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(told).toEqual([3000, 3000, 6000, 9000, 10_000]);
    expect(sent).toEqual(["POST", "PATCH", "PATCH", "HEAD", "PATCH", "HEAD", "PATCH", "PATCH", "HEAD"]);
    // It came whole.
    const { id: video } = await client.content.create({ kind: "film", titles: { en: { title: "Film" } }, rating: 0 });
    await expect(client.content.createEncoding({ id: video, sourceId: id })).resolves.toMatchObject({
      state: "checking",
    });
  });

  it("gives up when nothing comes any more", async () => {
    const { client, sent } = await clientFor(
      "admin",
      Array.from({ length: 9 }, () => "is cut" as const),
    );
    await expect(client.upload(film)).rejects.toThrow("fetch failed");
    expect(sent.filter((method) => method === "PATCH")).toHaveLength(4);
    await expect(client.upload(new Blob([]))).rejects.toThrow("empty");
  });

  it("is refused to who may not", async () => {
    const { client } = await clientFor("customer");
    expect(isMadangError(await client.upload(film).catch((error: unknown) => error), "FORBIDDEN")).toBe(true);
  });
});
