/** A person who owns one of everything, so that a made-up request may hit. */
import { newId } from "#core/id.ts";
import { address, orderOf } from "./client.ts";
import { browserKeys } from "../fixtures/browser-keys.ts";
import type { Ids } from "../fixtures/generated-requests.ts";
import { billingDetails } from "../fixtures/account-cases.ts";
import { jobOf } from "../fixtures/job-of.ts";
import { eventually } from "../fixtures/eventually.ts";
import { guestHolding } from "../fixtures/order-cases.ts";
import { suppressed, template, unsubscriptionToken } from "../fixtures/notification-cases.ts";
import { importing, PICTURE } from "../fixtures/product-cases.ts";
import { webhookDelivery, webhookEndpoint } from "../fixtures/webhook-cases.ts";
import { type AllServices, type Person, type Role, won } from "../systems/all-services.ts";

export async function personWithAccount(allServices: AllServices, role: Role): Promise<Person> {
  const person = {
    email: `ann-${newId().slice(-12)}@example.test`,
    password: newId(),
    name: "Ann",
    language: "en" as const,
    roles: [role],
  };
  const { id } = await allServices.asService().call("user.seed", person);
  return allServices.person(role, id);
}

/** Makes one of everything that a person may own; answers the ids by the name of their route. */
export async function createOneOfEach(allServices: AllServices, person: Person): Promise<Ids> {
  const product = await allServices.product(won(1000), 1000);
  const staff = await allServices.person("staff");
  const placed = await person.call("order.create", orderOf(product, 3));
  // On a busy machine the answer may come before the payment.
  const order = await eventually(async () => {
    const present = await person.call("order.get", { id: placed.id });
    return present.status === "confirmed" ? present : null;
  });
  const parcel = await staff.call("order.createShipment", {
    id: order.id,
    items: [{ productId: product, quantity: 1 }],
  });
  await staff.call("order.updateShipment", { id: parcel.id, state: "delivered" });
  const sentBack = { id: order.id, items: [{ productId: product, quantity: 1, cause: "other" as const }] };
  const planId = await allServices.plan(7900, { trialDays: 0 });
  await person.call("account.setBilling", billingDetails);
  await person.call("account.subscribe", { planId, paymentMethod: "tok_success" });
  const { id: session } = await person.call("playback.createSession", await allServices.watching(person));
  const videoId = await allServices.film({ buy: won(9900) });
  const purchase = await person.call("account.buy", { videoId, kind: "buy", paymentMethod: "tok_success" });
  const subscription = { endpoint: "https://push.example.test/1", keys: browserKeys };
  const titles = { en: { title: "The Yard" } };
  const { id: video } = await staff.call("content.create", { kind: "series", titles, rating: 0 });
  await staff.call("content.publish", { id: video });
  const { images } = await staff.call("product.addImage", { id: product, content: PICTURE });
  const guest = await guestHolding(person, allServices);
  const invoiced = async () => (await person.call("order.listInvoices", { id: order.id })).items[0];
  return {
    products: [product],
    imports: [await importing(person, allServices)],
    "product-images": [images![0]!.id],
    videos: [video],
    people: [(await staff.call("content.createPerson", { name: "Han" })).id],
    categories: [(await staff.call("product.createCategory", { name: "Tea" })).id],
    coupons: [(await staff.call("user.addCoupon", { code: newId(), kind: "percent", percent: 1000 })).id],
    orders: [order.id],
    "guest-orders": [guest.number],
    "order-token": [guest.token],
    shipments: [parcel.id],
    returns: [(await person.call("order.createReturn", sentBack)).id],
    payments: [order.paymentId!],
    "payment-methods": [(await person.call("payment.saveMethod", { token: "tok_success" })).id],
    "push-subscriptions": [(await person.call("notification.subscribe", subscription)).id],
    "restock-alerts": [
      (await person.call("notification.addRestockAlert", { productId: await allServices.product(won(1000), 0) })).id,
    ],
    addresses: [(await person.call("user.addAddress", address)).id],
    invoices: [(await person.call("account.listInvoices", {})).items[0]!.id],
    "order-invoices": [(await eventually(invoiced)).id],
    plans: [planId],
    purchases: [purchase.id],
    profiles: [(await person.call("account.addProfile", { name: "Viewer" })).id],
    sessions: [session],
    users: [person.id],
    // Of the paths /jobs/account, /jobs/order, /jobs/payment and /jobs/webhook.
    account: [await jobOf(allServices, "waiting", "account")],
    order: [await jobOf(allServices, "waiting", "order")],
    payment: [await jobOf(allServices, "waiting")],
    webhook: [await jobOf(allServices, "waiting", "webhook")],
    notification: [await jobOf(allServices, "waiting", "notification")],
    product: [await jobOf(allServices, "waiting", "product")],
    "notification-templates": [template.name],
    unsubscriptions: [unsubscriptionToken(person)],
    "notification-suppressions": [await suppressed(allServices)],
    "webhook-endpoints": [await webhookEndpoint(allServices)],
    "webhook-deliveries": [await webhookDelivery(allServices)],
  };
}
