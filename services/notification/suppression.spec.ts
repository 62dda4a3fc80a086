/**
 * Addresses that came back get nothing more, until they are good again; and the log has a reader and an end.
 * @databases sqlite postgres
 */
import { createHmac } from "node:crypto";
import { DAY, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { SmtpServer } from "../../test/support/actors/smtp-server.ts";
import {
  asNobody,
  callerAs,
  deliveriesOf,
  eventFor,
  notificationDatabase,
  person,
  publish,
  start,
  stop,
} from "../../test/support/systems/notification-service.ts";
import { removeOld } from "./delivery.repository.ts";
import type { NotificationTables } from "./notification.repository.ts";

const SECRET = `whsec_${Buffer.from("a secret of this spec, long").toString("base64")}`;
let server: SmtpServer;
beforeAll(async () => {
  server = await new SmtpServer().start();
  await start({ SMTP_URL: server.url, NOTIFICATION_BOUNCE_SECRET: SECRET });
});
afterAll(async () => {
  await stop();
  await server.stop();
});

/** A report of a mail service, signed as it signs. */
function report(body: string, seconds = Math.floor(now() / 1000)) {
  const id = newId();
  const key = Buffer.from(SECRET.slice(6), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  const headers = { "svix-id": id, "svix-timestamp": String(seconds), "svix-signature": `v1,other v1,${signature}` };
  return { headers, body };
}
const bounced = (address: string, type = "Permanent") =>
  JSON.stringify({ type: "email.bounced", data: { to: [address], bounce: { type } } });

interface Listed {
  readonly items: { readonly id: string; readonly reason: string }[];
}

it("are found by the answer of the mail server, and staff may lift that", async () => {
  const { id, finished, list } = await person();
  server.answers = ["550 5.1.1 no such user"];
  await publish(eventFor("order-confirmed", id));
  expect(await finished()).toMatchObject([{ status: "failed" }]);
  await publish(eventFor("payment-received", id));
  expect((await finished(2))[0]).toMatchObject({ status: "suppressed", reason: "BOUNCED" });

  const call = await callerAs("staff");
  const address = `${id.toUpperCase()}@example.com`;
  const { items } = await call<Listed>("listSuppressions", { address });
  expect(items).toMatchObject([{ reason: "EENVELOPE 550" }]);
  await call("removeSuppression", { id: items[0]!.id });
  await expect(call("removeSuppression", { id: items[0]!.id })).rejects.toMatchObject({ type: "NOT_FOUND" });
  await publish(eventFor("order-cancelled", id));
  await finished(3);
  expect((await list())[0]).toMatchObject({ template: "order-cancelled", status: "sent" });
});

it("are not those whose mail was refused for what it is", async () => {
  const { id, finished } = await person();
  server.answers = ["550 5.7.1 looks like spam"];
  await publish(eventFor("order-confirmed", id));
  await finished();
  await publish(eventFor("payment-received", id));
  expect((await finished(2))[0]).toMatchObject({ status: "sent" });
});

it("are learned from signed reports alone, and not from those about a mailbox that is full", async () => {
  const { id, finished } = await person();
  const address = `${id}@example.com`;
  await asNobody("receiveBounce", report(bounced(address, "Transient")));
  const forged = { ...report(bounced(address)), body: bounced(address, "Hard") };
  await expect(asNobody("receiveBounce", forged)).rejects.toMatchObject({ type: "NOTIFICATION_SIGNATURE_INVALID" });
  const old = report(bounced(address), Math.floor(now() / 1000) - 600);
  await expect(asNobody("receiveBounce", old)).rejects.toMatchObject({ type: "NOTIFICATION_SIGNATURE_INVALID" });
  await expect(asNobody("receiveBounce", report("{"))).rejects.toMatchObject({ type: "MALFORMED_JSON" });
  await publish(eventFor("order-confirmed", id));
  expect(await finished()).toMatchObject([{ status: "sent" }]);

  for (let times = 0; times < 2; times += 1) await asNobody("receiveBounce", report(bounced(address)));
  await publish(eventFor("payment-received", id));
  expect((await finished(2))[0]).toMatchObject({ status: "suppressed", reason: "BOUNCED" });
  const kept = await notificationDatabase().query.selectFrom("suppressions").selectAll().execute();
  expect(JSON.stringify(kept)).not.toContain("@");
});

it("stand in a log that staff read, and that ends", async () => {
  const { id, call, finished } = await person();
  await publish(eventFor("order-confirmed", id));
  await finished();
  const asStaff = await callerAs("staff");
  const logged = async (filter: object) =>
    (await asStaff<{ items: object[] }>("listDeliveries", { userId: id, ...filter })).items;
  expect(await logged({ status: "sent", channel: "email" })).toMatchObject([
    { userId: id, template: "order-confirmed", templateVersion: 0, attempts: 1, error: null, nextAttemptAt: null },
  ]);
  expect(await logged({ status: "failed" })).toEqual([]);
  await expect(call("listDeliveries", {})).rejects.toMatchObject({ type: "FORBIDDEN" });

  const db: Database<NotificationTables> = notificationDatabase();
  await removeOld(db, timestamp(now() - DAY));
  expect(await deliveriesOf(id)).toHaveLength(1);
  await removeOld(db, timestamp(now() + DAY));
  expect(await deliveriesOf(id)).toEqual([]);
});
