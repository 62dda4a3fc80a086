/**
 * Products from CSV files, and back.
 * @databases sqlite postgres
 */
import fc from "fast-check";
import { newId } from "#core/id.ts";
import type { Input } from "#core/contract.ts";
import { lineOf } from "#core/csv.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { productService, won } from "../../test/support/systems/product-service.ts";
import { work } from "./import.mixin.ts";
import { rowOf } from "./import.model.ts";

const { call, callIn, callAsStaff, create, createCategory, host } = productService();

const code = (type: string) => expect.objectContaining({ type });
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const text = (content: string) => Buffer.from(content, "base64").toString();
const send = (file: string, rest: Partial<Input<"product.createImport">> = {}) =>
  callAsStaff("product.createImport", { content: base64(file), ...rest });

const ended = (id: string) =>
  eventually(async () => {
    const found = await callAsStaff("product.getImport", { id });
    return found.state === "done" ? found : null;
  });
const imported = async (file: string) => ended((await send(file)).id);
const reportOf = async (id: string) => text((await callAsStaff("product.getImportReport", { id })).content);

async function exported(): Promise<string> {
  let [file, cursor] = ["", undefined as string | undefined];
  for (;;) {
    const page = await callAsStaff("product.exportProducts", cursor === undefined ? {} : { cursor });
    file += text(page.content);
    if (page.nextCursor === null) return file;
    cursor = page.nextCursor;
  }
}

const found = async (sku: string) => (await call("product.list", { q: sku })).items.find((one) => one.sku === sku);
const rows = (count: number, prefix: string, stock = 5) =>
  Array.from({ length: count }, (_, at) => `${prefix}-${at},Tea ${prefix} ${at},1000,KRW,${stock}`).join("\n");
const head = "sku,name,price,currency,stock\n";

describe("product.createImport", () => {
  it("adds and changes products, with category, address, metadata, stock and texts in another language", async () => {
    const [sku, name] = [`S${newId()}`, `Leaves ${newId()}`];
    const top = await createCategory(name);
    await createCategory("Green", top.id);
    const columns = "\ufeffsku,name,description,price,currency,stock,category,slug,metadata,name:ko";
    const row = (price: string, stock: number) =>
      `${sku},"Tea, ""first""","Two\r\nlines",${price},USD,${stock},${name} > Green,tea-${sku},"{""erp"":""4711""}",녹차`;
    await expect(imported(`${columns}\r\n${row("12.50", 7)}\r\n`)).resolves.toMatchObject({
      created: 1,
      refused: 0,
      rows: 1,
    });
    const made = (await found(sku))!;
    expect(made).toMatchObject({
      name: 'Tea, "first"',
      description: "Two\nlines",
      price: { amount: 1250, currency: "USD" },
      sellable: 7,
      slug: `tea-${sku}`.toLowerCase(),
      metadata: { erp: "4711" },
    });
    await expect(callIn("ko", "product.get", { id: made.id })).resolves.toMatchObject({ name: "녹차" });
    await expect(imported(`${columns}\r\n${row("12.50", 7)}`)).resolves.toMatchObject({ created: 0, changed: 0 });
    await expect(imported(`${columns}\r\n${row("13.00", 4)}`)).resolves.toMatchObject({ created: 0, changed: 1 });
    const { items } = await callAsStaff("product.listMovements", { id: made.id });
    expect(items.map(({ kind, onHand }) => [kind, onHand])).toEqual([
      ["adjustment", -3],
      ["initial", 7],
    ]);
    await expect(call("product.get", { id: made.id })).resolves.toMatchObject({ price: { amount: 1300 }, sellable: 4 });
  });

  it("refuses rows alone, and reports each by its line with advice in the reader's language", async () => {
    const [good, other] = [`G${newId()}`, `O${newId()}`];
    const file = [
      "sku,name,description,price,currency,stock,category",
      `${good},Tea,"a\nb",1000,KRW,1,`,
      `${other},,,,,,`,
      `bad sku!,Tea,,1000,KRW,1,`,
      `${newId()},Tea,,1.5,KRW,1,`,
      `${newId()},Tea,,1000,KRW,1,Nowhere > ${newId()}`,
      `${good},,,1000,USD,,`,
    ];
    const { id } = await send(file.join("\n"));
    await expect(ended(id)).resolves.toMatchObject({ created: 1, refused: 5, rows: 6 });
    const lines = (await reportOf(id))
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(",").toSpliced(1, 1));
    expect(lines.map(([line, kind]) => [line, kind])).toEqual([
      ["4", "VALIDATION_FAILED"],
      ["5", "VALIDATION_FAILED"],
      ["6", "VALIDATION_FAILED"],
      ["7", "PRODUCT_CATEGORY_NOT_FOUND"],
      ["8", "PRODUCT_PRICE_CURRENCY"],
    ]);
    const korean = await callAsStaff("product.getImportReport", { id });
    expect(text(korean.content)).toContain("Choose one from the list of categories.");
    expect(await found(other)).toBeUndefined();
  });

  it("refuses a card number in any column, and reports nothing of it", async () => {
    const card = "4242424242424242";
    const file = [
      "sku,name,description,price,currency,category,metadata",
      `${card},Tea,,1000,KRW,,`,
      `${newId()},${card},,1000,KRW,,`,
      `${newId()},Tea,${card},1000,KRW,,`,
      `${newId()},Tea,,1000,KRW,${card},`,
      `${newId()},Tea,,1000,KRW,,"{""note"":""${card}""}"`,
    ];
    const { id } = await send(file.join("\n"));
    await expect(ended(id)).resolves.toMatchObject({ created: 0, refused: 5, rows: 5 });
    expect(await reportOf(id)).not.toContain(card);
  });

  it("refuses other columns and what is no UTF-8 before anything begins", async () => {
    await expect(send("sku,colour\na,b")).rejects.toMatchObject({
      type: "PRODUCT_IMPORT_COLUMNS",
      data: { unknown: ["colour"] },
    });
    await expect(send("name\nTea")).rejects.toEqual(code("PRODUCT_IMPORT_COLUMNS"));
    const cp949 = Buffer.from([...Buffer.from("sku,name\nA1,"), 0xb3, 0xec, 0xc2, 0xf7]);
    await expect(callAsStaff("product.createImport", { content: cp949.toString("base64") })).rejects.toEqual(
      code("PRODUCT_IMPORT_ENCODING"),
    );
  });

  it("takes a file in parts that may come twice and end within a character", async () => {
    const sku = `P${newId()}`;
    const file = Buffer.from(`${head}${sku},녹차,1000,KRW,3\n`);
    const cut = file.indexOf("녹") + 1;
    const { id } = await callAsStaff("product.createImport", { content: base64(file.subarray(0, cut)), isPart: true });
    await expect(callAsStaff("product.addImportPart", { id, number: 3, content: base64("x") })).rejects.toMatchObject({
      type: "PRODUCT_IMPORT_PART",
      data: { expected: 2 },
    });
    const last = { id, number: 2, content: base64(file.subarray(cut)) };
    await callAsStaff("product.addImportPart", last);
    await callAsStaff("product.addImportPart", last);
    await expect(ended(id)).resolves.toMatchObject({ created: 1, parts: 2 });
    await expect(found(sku)).resolves.toMatchObject({ name: "녹차" });
  });

  it("counts stock once when the same file comes several times at once", async () => {
    const prefix = `M${newId().slice(-12)}`;
    const all = await Promise.all([1, 2, 3].map(() => send(head + rows(30, prefix))));
    const ends = await Promise.all(all.map(({ id }) => ended(id)));
    expect(ends.map(({ created }) => created).toSorted((a, b) => a - b)).toEqual([0, 0, 30]);
    expect(ends.map(({ changed }) => changed)).toEqual([0, 0, 0]);
    await expect(found(`${prefix}-29`)).resolves.toMatchObject({ sellable: 5 });
  });

  it.each([
    ["a quotation mark that is not doubled", '"x"y,Tea,1000,KRW,1\n'],
    ["one that is not closed", `"x,Tea,1000,KRW,1\n${"z,Tea,1000,KRW,1\n".repeat(30)}`],
  ])("reports the row of %s, and keeps what came before", async (_what, broken) => {
    const sku = `Q${newId()}`;
    const { id } = await send(`${head}${sku},Tea,1000,KRW,1\n${broken}`);
    await expect(ended(id)).resolves.toMatchObject({ created: 1, refused: 1 });
    expect(await reportOf(id)).toContain("\r\n3,,PRODUCT_IMPORT_CSV");
  });

  it("takes the last of two rows of one SKU, and lines that end in several ways", async () => {
    const [sku, other] = [`D${newId()}`, `D${newId()}`];
    const row = (name: string, stock: number) => `${sku},${name},1000,KRW,${stock}`;
    const file = `\ufeff${head.trim()}\r\n${row('"Tea\r\nfirst"', 1)}\n${row("Second", 2)}\r\n\r\n${other},Tea,1,KRW,x\r${row("Third", 3)}`;
    const { id } = await send(file.replace("\r\nfirst", " first"));
    await expect(ended(id)).resolves.toMatchObject({ created: 1, changed: 2, refused: 1 });
    await expect(found(sku)).resolves.toMatchObject({ name: "Third", sellable: 3 });
    expect(await reportOf(id)).toContain(`\r\n5,${other},VALIDATION_FAILED`);
  });

  it("refuses a file that ends within a character", async () => {
    const half = Buffer.from("sku,name\nA1,녹").subarray(0, -1);
    const content = half.toString("base64");
    await expect(callAsStaff("product.createImport", { content })).rejects.toEqual(code("PRODUCT_IMPORT_ENCODING"));
    const { id } = await callAsStaff("product.createImport", { content, isPart: true });
    const more = callAsStaff("product.addImportPart", { id, number: 2, content: base64(Buffer.from([0xb9, 0xc2])) });
    await expect(more).rejects.toEqual(code("PRODUCT_IMPORT_ENCODING"));
  });
});

describe("the job of an import", () => {
  it("imports each row once when nodes die within it and two run it at once", async () => {
    const prefix = `K${newId().slice(-12)}`;
    await callAsStaff("product.pauseJobs", { kind: "importProducts" });
    const { id } = await send(head + rows(1250, prefix));
    const run = (save: () => Promise<void>) =>
      work(host(), { input: { id }, signal: new AbortController().signal, save } as never);
    const dies = () => Promise.reject(new Error("The node was killed."));
    await expect(run(dies)).rejects.toThrow("killed");
    await expect(callAsStaff("product.getImport", { id })).resolves.toMatchObject({ created: 400, rows: 400 });
    const both = await Promise.allSettled([run(dies), run(dies)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await callAsStaff("product.resumeJobs", { kind: "importProducts" });
    await expect(ended(id)).resolves.toMatchObject({ created: 1250, changed: 0, refused: 0, rows: 1250 });
    const last = (await found(`${prefix}-1249`))!;
    const { items } = await callAsStaff("product.listMovements", { id: last.id });
    expect(items).toHaveLength(1);
  });

  it("ends when it is cancelled, and shows that", async () => {
    await callAsStaff("product.pauseJobs", { kind: "importProducts" });
    const { id } = await send(head + rows(1, newId()));
    await callAsStaff("product.cancelJob", { id });
    await expect(callAsStaff("product.getImport", { id })).resolves.toMatchObject({ state: "cancelled", rows: 0 });
    await callAsStaff("product.resumeJobs", { kind: "importProducts" });
  });
});

describe("product.exportProducts", () => {
  it("answers a file that changes nothing when it is imported again", async () => {
    const shirt = await create({
      name: "=cmd|' /C calc'!A0",
      description: '\'=1\n+2, "x"',
      sku: `E${newId()}`,
      stock: 0,
    });
    await callAsStaff("product.setOptions", { id: shirt.id, options: [{ name: "Size", values: [{ value: "L" }] }] });
    await callAsStaff("product.createVariant", { id: shirt.id, values: ["L"], sku: newId(), price: won(7) });
    await create({ name: "Tea", metadata: { x: "@y" } });
    const file = await exported();
    expect(file).toContain("'=cmd");
    await expect(imported(file)).resolves.toMatchObject({ created: 0, changed: 0, refused: 0 });
    expect(await exported()).toBe(file);
  });

  it("keeps any text", async () => {
    const { parse } = await import("csv-parse/sync");
    const names = ["sku", "name", "description"];
    const words = fc.string({
      unit: fc.constantFrom("=", "+", "-", "@", "＝", "'", '"', ",", " ", "\n", "a", "가", "😀"),
    });
    const shown = words.filter((one) => one.trim() === one && one !== "");
    fc.assert(
      fc.property(shown, (description) => {
        const [cells = []] = parse(lineOf(["A", "Tea", description]));
        const { cells: read, refusal } = rowOf(names, cells, { record: 1, line: 2 });
        expect(refusal ?? read).toMatchObject(refusal ? { code: "VALIDATION_FAILED" } : { description });
      }),
    );
  });
});
