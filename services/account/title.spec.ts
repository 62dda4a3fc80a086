/** @databases sqlite postgres */
import { HOUR, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import type { Host } from "./account.saga.ts";
import { addCredit, creditOf } from "./invoice.repository.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";

let all: AllServices;

beforeAll(async () => {
  all = await AllServices.open({ INVOICE_SELLER: "Madang Ltd.|Sejong-daero 110" });
});
afterAll(() => all.close());

const code = (type: string) => expect.objectContaining({ type });

async function viewer() {
  const me = await all.person();
  const { id: profileId } = await me.call("account.addProfile", { name: "Viewer" });
  const entitle = (videoId: string) =>
    all.asService(me.id).call("account.entitle", { userId: me.id, profileId, videoId });
  return { me, entitle };
}
const buy = (me: Person, videoId: string, kind: "buy" | "rent" = "buy", paymentMethod = "tok_success", key = newId()) =>
  me.call("account.buy", { videoId, kind, paymentMethod }, key);

describe("account.buy", () => {
  it("grants a film once, also when it is asked for ten times at once, and takes it back with the refund", async () => {
    const { me, entitle } = await viewer();
    const videoId = await all.film({ buy: won(9900) });
    await expect(entitle(videoId)).rejects.toEqual(code("ACCOUNT_NOT_ENTITLED"));
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => buy(me, videoId)));
    const made = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(made).toMatchObject([{ status: "granted", kind: "buy", until: null }]);
    expect(await entitle(videoId)).toMatchObject({ source: "purchase", plan: null, until: null });
    const { items: payments } = await me.call("payment.list", {});
    expect(payments).toMatchObject([{ captured: won(9900), purpose: "invoice", orderId: made[0]!.invoiceId }]);

    const staff = await all.person("staff");
    const refund = { id: payments[0]!.id, amount: won(9900), reason: "Asked for it." };
    await staff.call("payment.refund", refund);
    await eventually(async () => (await me.call("account.getPurchase", { id: made[0]!.id })).status === "returned");
    await expect(entitle(videoId)).rejects.toEqual(code("ACCOUNT_NOT_ENTITLED"));
    const { items } = await me.call("account.listInvoices", {});
    expect(items).toMatchObject([
      { kind: "credit_note", purpose: "refund", total: won(9900), corrects: items[1]!.id },
      { kind: "invoice", purpose: "buy", total: won(9900), tax: won(900), refunded: won(9900), status: "paid" },
    ]);
    expect(items.map(({ seller }) => seller)).toEqual([["Madang Ltd.", "Sejong-daero 110"], items[0]!.seller]);
    // The shop's orders know nothing of it, and the messages are about the invoice and its credit note.
    expect((await me.call("order.list", {})).items).toEqual([]);
    await eventually(async () => (await me.call("notification.list", {})).items.length === 2);
    const { items: messages } = await me.call("notification.list", {});
    expect(messages.map(({ template, orderId }) => [template, orderId])).toEqual([
      ["invoice-refunded", items[0]!.id],
      ["invoice-paid", items[1]!.id],
    ]);
    expect(await buy(me, videoId)).toMatchObject({ status: "granted" });
  });

  it("gives the credit back, too, that paid a part of a film", async () => {
    const { me } = await viewer();
    const videoId = await all.film({ buy: won(9900) });
    const { db } = localService<Host>(all.broker, "account");
    await db.write(async (tx) => tx.add(addCredit(me.id, "KRW", 1000)));
    const { id } = await buy(me, videoId);
    const { items: payments } = await me.call("payment.list", {});
    expect(payments).toMatchObject([{ captured: won(8900) }]);
    const staff = await all.person("staff");
    await staff.call("payment.refund", { id: payments[0]!.id, amount: won(8900), reason: "Asked for it." });
    await eventually(async () => (await me.call("account.getPurchase", { id })).status === "returned");
    expect(await creditOf(db, me.id, "KRW")).toBe(1000);
  });

  it("rents a film for its hours, after which it can be rented again", async () => {
    const { me, entitle } = await viewer();
    const videoId = await all.film({ rent: won(2900), rentHours: 48 });
    const staff = await all.person("admin");
    const advance = async (hours: number) => {
      const userId = me.id;
      const seen = await staff.call("account.getTestClock", { userId }).catch(() => ({ now: timestamp() }));
      await staff.call("account.advance", { userId, to: timestamp(Date.parse(seen.now) + hours * HOUR) });
      await eventually(async () => (await staff.call("account.getTestClock", { userId })).status === "ready");
    };
    await advance(1);
    const rented = await buy(me, videoId, "rent");
    expect(Date.parse(rented.until!) - Date.parse(rented.createdAt)).toBe(48 * HOUR);
    await advance(47);
    expect(await entitle(videoId)).toMatchObject({ source: "rental" });
    await expect(buy(me, videoId, "rent")).rejects.toEqual(code("ACCOUNT_ALREADY_OWNED"));
    await advance(1);
    await expect(entitle(videoId)).rejects.toEqual(code("ACCOUNT_NOT_ENTITLED"));
    expect(await buy(me, videoId, "rent")).toMatchObject({ status: "granted" });
  });

  it("sells nothing that cannot be watched where the buyer is, or for as long as it is sold", async () => {
    const { me } = await viewer();
    const offers = { buy: won(9900), rent: won(2900), rentHours: 48 };
    const lasting = (hours: number, minutes: number) => ({ until: timestamp(now() + hours * HOUR + minutes * 60_000) });
    const korean = await all.film(offers, [{ regions: ["KR"] }]);
    const coming = await all.film(offers, [{ from: timestamp(now() + HOUR) }]);
    // A payment may take ten minutes.
    const [nearlyOver, over] = await Promise.all(
      [lasting(48, 11), lasting(48, 9)].map((one) => all.film(offers, [one])),
    );
    const ending = await all.film(offers, [lasting(0, 9)]);
    const refused = code("ACCOUNT_NOT_AVAILABLE");
    await expect(buy(me, korean)).rejects.toEqual(refused);
    me.region = "US";
    await expect(buy(me, korean)).rejects.toEqual(refused);
    me.region = "KR";
    expect(await buy(me, korean)).toMatchObject({ status: "granted" });
    await expect(buy(me, coming)).rejects.toEqual(refused);
    await expect(buy(me, over!, "rent")).rejects.toEqual(refused);
    expect(await buy(me, nearlyOver!, "rent")).toMatchObject({ status: "granted" });
    expect(await buy(me, over!)).toMatchObject({ status: "granted" });
    await expect(buy(me, ending)).rejects.toEqual(refused);
    expect((await me.call("account.listInvoices", {})).items).toHaveLength(3);
  });

  it("grants nothing when the payment took so long that the rights have ended, and gives the money back", async () => {
    const { me, entitle } = await viewer();
    const end = now() + 10 * 60_000 + 5000;
    const videoId = await all.film({ buy: won(9900) }, [{ until: timestamp(end) }]);
    const buying = buy(me, videoId, "buy", "tok_delayed").catch((error: unknown) => error);
    const purchase = async () => (await me.call("account.listPurchases", {})).items[0];
    await eventually(async () => (await me.call("payment.list", {})).items[0]?.status === "processing");
    const [time, late] = [Date.now, end + 1000 - Date.now()];
    jest.spyOn(Date, "now").mockImplementation(() => time() + late);
    await eventually(async () => (await purchase())?.status === "refused");
    jest.restoreAllMocks();
    await buying;
    expect(await me.call("account.getInvoice", { id: (await purchase())!.invoiceId })).toMatchObject({
      status: "void",
    });
    await eventually(async () => (await me.call("payment.list", {})).items[0]!.status === "cancelled");
    expect((await me.call("payment.list", {})).items).toMatchObject([{ captured: won(0) }]);
    await expect(entitle(videoId)).rejects.toEqual(code("ACCOUNT_NOT_ENTITLED"));
  });

  it("rejects what is not offered, and grants nothing when the payment is declined", async () => {
    const { me, entitle } = await viewer();
    const videoId = await all.film({ rent: won(2900), rentHours: 48 });
    await expect(buy(me, videoId)).rejects.toEqual(code("ACCOUNT_NOT_OFFERED"));
    await expect(buy(me, newId())).rejects.toEqual(code("ACCOUNT_NOT_OFFERED"));
    const key = newId();
    for (let count = 0; count < 2; count += 1)
      await expect(buy(me, videoId, "rent", "tok_declined", key)).rejects.toEqual(code("ACCOUNT_PAYMENT_DECLINED"));
    await expect(entitle(videoId)).rejects.toEqual(code("ACCOUNT_NOT_ENTITLED"));
    expect((await me.call("account.listPurchases", {})).items).toMatchObject([{ status: "refused" }]);
  });
});

describe("the document of an invoice", () => {
  it("is a PDF for who asks for one, with its number as the file's name, and JSON for others", async () => {
    const { me } = await viewer();
    const { invoiceId } = await buy(me, await all.film({ buy: won(9900) }));
    const { number } = await me.call("account.getInvoice", { id: invoiceId });
    const ask = (accept: string, more: Record<string, string> = {}, { token } = me) =>
      fetch(`${all.url}/api/v1/invoices/${invoiceId}/document`, {
        headers: { Authorization: `Bearer ${token}`, Accept: accept, "Accept-Language": "ko", ...more },
      });
    const pdf = await ask("application/pdf, application/problem+json;q=0.5");
    expect(Object.fromEntries(pdf.headers)).toMatchObject({
      "content-type": "application/pdf",
      "content-disposition": `attachment; filename="invoice-${number}.pdf"`,
      "cache-control": "private, no-cache",
      vary: expect.stringContaining("Accept"),
    });
    const bytes = Buffer.from(await pdf.arrayBuffer());
    expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
    expect(bytes.length).toBe(Number(pdf.headers.get("content-length")));
    const etag = pdf.headers.get("etag")!;
    expect((await ask("application/pdf", { "If-None-Match": etag })).status).toBe(304);
    for (const accept of ["*/*", "application/json", "application/pdf;q=0, */*"]) {
      const json = await ask(accept, { "If-None-Match": etag });
      expect(json.headers.get("content-type")).toContain("application/json");
      const { content } = (await json.json()) as { content: string };
      expect(Buffer.from(content, "base64")).toEqual(bytes);
    }
    const stranger = await ask("application/pdf", {}, await all.person());
    expect([stranger.status, stranger.headers.get("content-type")]).toEqual([
      404,
      expect.stringContaining("problem+json"),
    ]);
  });
});
