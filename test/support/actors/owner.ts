/** Somebody who owns one of everything, so that a made-up request may hit, and the way to send it. */
import { Agent, type IncomingMessage, request } from "node:http";
import { newId } from "#core/clock.ts";
import { address, orderOf } from "./client.ts";
import type { Ids, MadeRequest } from "../fixtures/generated-requests.ts";
import { type AllServices, type Person, type Role, won } from "../systems/all-services.ts";

const agent = new Agent({ keepAlive: true });

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** Sends what `fetch` would put right first. */
export async function send(
  allServices: AllServices,
  { method, url, headers, body }: MadeRequest,
  token?: string,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  // Node gives the body of a DELETE no length, so that it would pass for another request.
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const options = { agent, method, path: url, headers: { ...authorization, ...headers, ...length } };
  const { hostname, port } = new URL(allServices.url);
  const sent = request({ hostname, port, ...options }, resolve).on("error", reject);
  sent.end(body);
  const answer = await promise;
  const type = answer.headers["content-type"] ?? "";
  if (type.startsWith("text/event-stream")) {
    answer.destroy();
    return { status: answer.statusCode!, type, headers: answer.headers, body: undefined };
  }
  const text = Buffer.concat(await answer.toArray()).toString();
  return {
    status: answer.statusCode!,
    type,
    headers: answer.headers,
    body: type.includes("json") ? JSON.parse(text) : text,
  };
}

/** Somebody with an account and one of everything, so that a made-up request may hit. */
export async function somebody(allServices: AllServices, role: Role): Promise<Person> {
  const person = {
    email: `${newId()}@example.test`,
    password: newId(),
    name: "Ann",
    language: "en" as const,
    roles: [role],
  };
  const { id } = await allServices.office().call("user.seed", person);
  return allServices.person(role, id);
}

export async function idsOf(allServices: AllServices, person: Person): Promise<Ids> {
  const product = await allServices.product(won(1000), 1000);
  const staff = await allServices.person("staff");
  const order = await person.call("order.create", orderOf(product));
  const subscription = { endpoint: "https://push.example.test/1", keys: { p256dh: "BA", auth: "AA" } };
  return {
    products: [product],
    categories: [(await staff.call("product.createCategory", { name: "Tea" })).id],
    orders: [order.id],
    payments: [order.paymentId!],
    "payment-methods": [(await person.call("payment.saveMethod", { token: "tok_success" })).id],
    "push-subscriptions": [(await person.call("notification.subscribe", subscription)).id],
    addresses: [(await person.call("user.addAddress", address)).id],
    users: [person.id],
  };
}
