/**
 * Templates that staff write: tried out, put to use, and taken back.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import {
  callerAs,
  eventFor,
  person,
  publish,
  start,
  stop,
  users,
  writtenMail,
} from "../../test/support/systems/notification-service.ts";
import { type TemplateName, templateNames, templates } from "./notification.template.ts";

beforeAll(() => start());
afterAll(stop);

const words = (text: string) => ({
  subject: `${text} {{orderNumber}}`,
  summary: text,
  paragraphs: [`${text} {{ total }}.`],
});
const content = { en: words("Hurrah"), ko: words("만세") };

async function staff() {
  const id = newId();
  users.items.set(id, { email: `${id}@example.com`, name: "Sam", language: "ko", phone: null, emailVerified: true });
  const call = await callerAs("staff", id);
  const of = (name: TemplateName) => ({
    write: (given: object) => call<{ version: number }>("createTemplateVersion", { name, content: given }),
    use: (version: number) => call<{ activeVersion: number }>("setActiveVersion", { name, version }),
    preview: (more: object) =>
      call<{ subject: string; text: string; html: string }>("previewTemplate", { name, ...more }),
  });
  return { id, call, of };
}

/** The e-mail about an order of somebody. */
async function confirmation() {
  const { id, finished } = await person();
  await publish(eventFor("order-confirmed", id));
  return writtenMail((await finished())[0]!.id);
}

it("are seen before they are used, and used until staff go back", async () => {
  const { write, use, preview } = (await staff()).of("order-confirmed");
  const { version } = await write({ ...content, en: { ...content.en, subject: "<b>{{orderNumber}}</b>" } });
  expect(await preview({ version, language: "ko" })).toMatchObject({
    subject: "만세 M-2026-004217",
    text: expect.stringContaining("만세 39,000원."),
  });
  expect((await preview({ version, language: "en" })).html).toContain("&lt;b&gt;M-2026-004217&lt;/b&gt;");
  expect((await confirmation()).subject).toBe("Your order is confirmed");

  await expect(use(version)).resolves.toMatchObject({ activeVersion: version });
  expect(await confirmation()).toMatchObject({
    subject: "<b>00000001</b>",
    text: expect.stringContaining("Hurrah ₩39,000."),
  });
  const second = await write(content);
  expect(second.version).toBe(version + 1);
  await use(second.version);
  const mail = await confirmation();
  expect(mail.subject).toBe("Hurrah 00000001");
  // The rows of the repository stay, whatever staff write.
  expect(mail.text).toContain("Celadon tea cup, ₩12,000 × 2: ₩24,000");
  await use(0);
  expect((await confirmation()).subject).toBe("Your order is confirmed");
  await expect(use(99)).rejects.toMatchObject({ type: "NOT_FOUND" });
});

it("are shown in the log as they were sent, whatever is in use since", async () => {
  const { write, use } = (await staff()).of("payment-received");
  const said = { subject: "Paid", summary: "{{amount}} came.", paragraphs: ["Thanks."] };
  const { version } = await write({ en: said, ko: said });
  await use(version);
  const { id, finished, list } = await person();
  await publish(eventFor("payment-received", id));
  await finished();
  await use(0);
  expect(await list()).toMatchObject([{ title: "Paid", body: "₩39,000 came." }]);
});

it("are sent to whoever tries them out, marked, in the language that they ask for", async () => {
  const { call, of } = await staff();
  const { version } = await of("verification").write(
    content.en && {
      en: { subject: "Hello", summary: "Hello", paragraphs: ["Hello"] },
      ko: { subject: "안녕", summary: "안녕", paragraphs: ["안녕"] },
    },
  );
  const test = await call<{ id: string }>("sendTest", { name: "verification", version });
  const english = await call<{ id: string }>("sendTest", { name: "order-cancelled", language: "en" });
  const { items } = await eventuallySent(call);
  expect(items.map(({ id }) => id).toSorted()).toEqual([test.id, english.id].toSorted());
  expect(writtenMail(test.id)).toMatchObject({
    subject: "[테스트] 안녕",
    text: expect.stringContaining("https://shop.example.com/account"),
  });
  expect(writtenMail(english.id).subject).toBe("[Test] Your order was cancelled");
});

const eventuallySent = async (call: Awaited<ReturnType<typeof staff>>["call"]) => {
  const { eventually } = await import("../../test/support/fixtures/eventually.ts");
  return eventually(async () => {
    const page = await call<{ items: { id: string; status: string }[] }>("list", {});
    return page.items.length === 2 && page.items.every(({ status }) => status === "sent") ? page : null;
  });
};

it.each([
  ["unknown placeholders", { ...content.en, summary: "{{password}}" }, "/content/en/summary"],
  ["broken ones", { ...content.en, summary: "{{orderNumber" }, "/content/en/summary"],
  [
    "ones with code",
    { ...content.en, paragraphs: ["{{orderNumber}}", "{{total.constructor}}"] },
    "/content/en/paragraphs/1",
  ],
  ["a message without what it needs", { ...content.en, subject: "Order" }, "/content/en"],
])("refuse %s", async (_, en, pointer) => {
  const { write } = (await staff()).of("order-confirmed");
  await expect(write({ ...content, en })).rejects.toMatchObject({
    type: "VALIDATION_FAILED",
    data: { errors: [expect.objectContaining({ pointer })] },
  });
});

it("tell which placeholders they have, and each takes a version made of all of them", async () => {
  const { call, of } = await staff();
  const { items } = await call<{ items: { name: TemplateName; placeholders: string[]; required: string[] }[] }>(
    "listTemplates",
  );
  expect(items.map(({ name }) => name)).toEqual(templateNames);
  for (const { name, placeholders, required } of items) {
    expect(placeholders).toEqual(expect.arrayContaining(required));
    const one = { subject: "x", summary: "x", paragraphs: [placeholders.map((text) => `{{${text}}}`).join(" ")] };
    const { version } = await of(name).write({ en: one, ko: one });
    const { text } = await of(name).preview({ version, language: "ko" });
    expect(text).not.toMatch(/[{}]|undefined|null/);
    expect(templates[name]).toBeDefined();
  }
});

it("belong to staff, and a stranger's name is NOT_FOUND", async () => {
  const { call } = await person();
  await expect(call("createTemplateVersion", { name: "order-confirmed", content })).rejects.toMatchObject({
    type: "FORBIDDEN",
  });
  const { call: asStaff } = await staff();
  for (const action of ["listTemplateVersions", "setActiveVersion", "sendTest"])
    await expect(
      asStaff(action, { name: "constructor", ...(action === "setActiveVersion" && { version: 0 }) }),
    ).rejects.toMatchObject({ type: "NOT_FOUND" });
});
