/**
 * What the shop's staff are told of disputes.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import {
  deliveriesOf,
  eventFor,
  orders,
  publish,
  start,
  stop,
  writtenMail,
} from "../../test/support/systems/notification-service.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { sampleSurroundings, templates } from "./notification.template.ts";
import { STAFF } from "./staff.model.ts";

const told = () => deliveriesOf(STAFF);
const dispute = (data: object) => {
  const event = eventFor("payment-disputed", newId());
  return publish({ ...event, data: { ...(event.data as object), ...data } });
};

it("tells the address of the staff of each state of a dispute, without the customer and a guest's token", async () => {
  await start({ NOTIFICATION_STAFF_EMAIL: "payments@shop.example", NOTIFICATION_STAFF_LANGUAGE: "ko" });
  const { orderId } = templates["payment-disputed"].sample;
  const { order } = sampleSurroundings({ PUBLIC_URL: null, NOTIFICATION_TIME_ZONE: "UTC" }, "en");
  const guest = { userId: newId(), email: "guest@example.com", language: "en" as const, token: "s3cret", link: null };
  orders.items.set(orderId, { ...order!, id: orderId, guest });
  await dispute({ status: "needs_response" });
  await dispute({ status: "lost" });
  await dispute({ status: "won", purpose: "invoice" });
  const rows = await eventually(async () => {
    const all = await told();
    return all.length === 3 && all.every(({ status }) => status === "sent") ? all : null;
  });
  await stop();
  const [first, second, third] = rows.map(({ id }) => writtenMail(id));
  expect(first).toMatchObject({ subject: "결제 이의 제기: 증빙 자료가 필요합니다" });
  expect(first!.header("To")).toBe("payments@shop.example");
  expect(first!.text).toContain("M-2026-004217");
  expect(first!.text).toContain("증빙 제출 기한: 2026년 1월 25일");
  expect(first!.text).not.toMatch(/s3cret|guest@|김미나|Alex/);
  expect(second!.text).toContain("손실로 처리");
  expect(third!.text).not.toContain("M-2026-004217");
  expect(JSON.stringify(rows.map(({ data }) => data))).not.toContain(guest.userId);
});

it("tells nobody where no address is set", async () => {
  const before = (await told()).length;
  await start();
  await dispute({ status: "lost" });
  expect(await told()).toHaveLength(before);
  await stop();
});
