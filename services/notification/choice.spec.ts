/**
 * What a person chooses counts when a message is sent: kinds, channels, quiet hours, and the link of an e-mail.
 * @databases sqlite postgres
 */
import { Clock } from "../../test/support/fixtures/clock.ts";
import { HOUR, timestamp } from "#core/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  asNobody,
  deliveriesOf,
  eventFor,
  person,
  publish,
  start,
  stop,
  writtenMail,
} from "../../test/support/systems/notification-service.ts";

const KEY = "key-of-this-spec-with-32-characters";
beforeAll(() => start({ NOTIFICATION_API_URL: "https://api.shop.example/", NOTIFICATION_KEY: KEY }));
afterAll(stop);

const all = { email: true, sms: true, push: false };

it("are kept, and what is not sent of them stays", async () => {
  const { call } = await person();
  const kinds = { orders: { sms: false }, reminders: { email: true } };
  const quietHours = { from: "22:00", to: "08:00", timeZone: "Asia/Seoul" };
  await expect(call("setPreferences", { ...all, kinds, quietHours })).resolves.toEqual({
    ...all,
    kinds,
    quietHours,
    version: 1,
  });
  await call("setPreferences", { ...all, push: true });
  await expect(call("getPreferences")).resolves.toEqual({ ...all, push: true, kinds, quietHours, version: 2 });
  await call("setPreferences", { ...all, quietHours: null });
  await expect(call("getPreferences")).resolves.toMatchObject({ kinds });
  const nowhere = { ...quietHours, timeZone: "Asia/Soul" };
  await expect(call("setPreferences", { ...all, quietHours: nowhere })).rejects.toMatchObject({
    type: "VALIDATION_FAILED",
  });
});

it("stop one kind on one channel, and nothing that is urgent", async () => {
  const { id, call, finished } = await person({ phone: "+82101234567" });
  await call("setPreferences", {
    ...all,
    kinds: { orders: { email: false }, subscriptions: { email: false, sms: false } },
  });
  for (const template of ["order-confirmed", "payment-received", "payment-failed", "password-changed"] as const)
    await publish(eventFor(template, id));
  const items = await finished(7);
  const ends = Object.fromEntries(items.map(({ template, channel, status }) => [`${template} ${channel}`, status]));
  expect(ends).toEqual({
    "order-confirmed email": "suppressed",
    "order-confirmed sms": "sent",
    "payment-received email": "sent",
    "payment-received sms": "sent",
    "payment-failed email": "sent",
    "payment-failed sms": "sent",
    "password-changed email": "sent",
  });
});

it("hold text messages back during quiet hours, but not e-mails and not what is urgent", async () => {
  const clock = new Clock();
  const { id, call } = await person({ phone: "+82101234567" });
  // Quiet from an hour ago until two hours from now, in UTC.
  const at = (hours: number) => timestamp(Date.now() + hours * HOUR).slice(11, 16);
  await call("setPreferences", { ...all, quietHours: { from: at(-1), to: at(2), timeZone: "UTC" } });
  await publish(eventFor("order-confirmed", id), eventFor("payment-failed", id));
  const of = async (template: string, channel: string) =>
    (await deliveriesOf(id)).find((one) => one.template === template && one.channel === channel)!;
  await eventually(async () => (await of("payment-failed", "sms"))?.status === "sent");
  await eventually(async () => (await of("order-confirmed", "email")).status === "sent");
  const waiting = await eventually(async () => {
    const one = await of("order-confirmed", "sms");
    return one.error === "QUIET_HOURS" ? one : null;
  });
  expect(waiting).toMatchObject({ status: "queued", attempts: 0 });
  clock.advance(2 * HOUR);
  await eventually(async () => (await of("order-confirmed", "sms")).status === "sent");
  jest.restoreAllMocks();
});

it("are changed with one click by the link of an e-mail, which nobody else can make", async () => {
  const { id, call, finished } = await person();
  await publish(eventFor("order-confirmed", id), eventFor("payment-failed", id));
  const items = await finished(2);
  const mailOf = (template: string) => writtenMail(items.find((one) => one.template === template)!.id);
  const mail = mailOf("order-confirmed");
  expect(mail.header("List-Unsubscribe-Post")).toBe("List-Unsubscribe=One-Click");
  const [, token] = /^<https:\/\/api\.shop\.example\/api\/v1\/unsubscriptions\/([\w-]+)>$/.exec(
    mail.header("List-Unsubscribe"),
  )!;
  expect(mail.raw.replaceAll("=\r\n", "")).toContain(`https://api.shop.example/unsubscribe#${token}`);
  expect(mailOf("payment-failed").header("List-Unsubscribe-Post")).toBe("");

  await expect(asNobody("getUnsubscription", { token })).resolves.toEqual({ kind: "orders", isWanted: true });
  const click = { token, headers: {}, body: "List-Unsubscribe=One-Click" };
  for (let times = 0; times < 2; times += 1)
    await expect(asNobody("withdraw", click)).resolves.toEqual({ kind: "orders", isWanted: false });
  await expect(call("getPreferences")).resolves.toMatchObject({ email: true, kinds: { orders: { email: false } } });
  const forged = asNobody("withdraw", { ...click, token: `${token!.slice(0, -3)}AAA` });
  await expect(forged).rejects.toMatchObject({ type: "NOTIFICATION_LINK_INVALID" });
});
