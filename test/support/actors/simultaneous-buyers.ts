/** Many buyers at the same moment, at all gateways of a cluster. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Client, orderOf } from "./client.ts";
import { patientCaller } from "./patient-caller.ts";

interface Order {
  readonly id: string;
  readonly status: string;
  readonly code?: string;
}

/** On a busy machine a connection may be closed before its request was read: with its key it may be sent again. */
async function answered<T>(send: () => Promise<Answer<T>>): Promise<Answer<T>> {
  for (;;) {
    const answer = await send().catch(() => null);
    if (answer && answer.status !== 408) return answer;
    await sleep(100);
  }
}

/** Sends an order until it is taken or refused, as `Retry-After` asks, and follows it to its end. */
async function buy(client: Client, body: object): Promise<string> {
  const key = { "idempotency-key": randomUUID() };
  for (;;) {
    const answer = await answered(() => client.post<Order>("/orders", body, key));
    if (answer.status < 300) return ended(client, answer.body);
    const wait = answer.headers.get("retry-after");
    if (wait === null) return `${answer.status} ${answer.body.code}`;
    await sleep(Number(wait) * 1000);
  }
}

async function ended(client: Client, order: Order): Promise<string> {
  let { status } = order;
  while (status === "pending") {
    await sleep(200);
    ({ status } = (await answered(() => client.get<Order>(`/orders/${order.id}`))).body);
  }
  return status;
}

/** So many buyers, each of one unit, in turn at each gateway; answers how often each end was met. */
export async function buyAtOnce(
  urls: readonly string[],
  productId: string,
  buyers: number,
): Promise<Record<string, number>> {
  const people = await Promise.all(
    Array.from({ length: buyers }, (_, index) => patientCaller(urls[index % urls.length]!)),
  );
  const ends = await Promise.all(people.map((one) => buy(one, orderOf(productId))));
  return Object.fromEntries([...Map.groupBy(ends, (end) => end)].map(([end, all]) => [end, all.length]));
}

/** One buyer's order with one key, sent to every gateway at once; answers what came back, each answer once. */
export async function sendToAll(urls: readonly string[], productId: string): Promise<readonly string[]> {
  const client = await patientCaller(urls);
  const key = { "idempotency-key": randomUUID() };
  const send = () => answered(() => client.post<Order>("/orders", orderOf(productId), key));
  const answers = await Promise.all(urls.map(send));
  return [...new Set(answers.map(({ status, body }) => `${status} ${body.code ?? body.id}`))];
}
