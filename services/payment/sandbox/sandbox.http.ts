/** The sandbox's HTTP protocol: its operations, and how JSON is posted to it and by it. */
import { type Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import Type from "typebox";
import { MAX_AMOUNT, Money, Strict, Text } from "#core/schema.ts";

const Name = Text(100);
const Amount = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT });
const OfCharge = Strict({ key: Name, charge: Name });

/** The body of `POST /v1/<operation>` is the only argument of the provider's method of that name; for `retrieve` only the reference. */
export const operations = {
  authorize: Strict({ key: Name, reference: Name, amount: Money, token: Name, capture: Type.Optional(Type.Boolean()) }),
  confirm: OfCharge,
  capture: Strict({ ...OfCharge.properties, amount: Type.Optional(Amount), final: Type.Optional(Type.Boolean()) }),
  cancel: OfCharge,
  refund: Strict({ key: Name, charge: Name, amount: Amount }),
  retrieve: Name,
  describe: Name,
  dispute: Name,
  list: Strict({
    from: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    to: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    cursor: Type.Optional(Name),
  }),
  ledger: Strict({
    reference: Type.Optional(Name),
    limit: Type.Integer({ minimum: 1, maximum: 100 }),
    cursor: Type.Optional(Text(4000)),
  }),
};
export type Operation = keyof typeof operations;

/** The status of a refusal. Any other status except 200 means that the outcome is unknown. */
export const REFUSED = 409;

interface Post {
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal?: AbortSignal | undefined;
}

/** @throws Error when there is no complete answer */
export function post(url: URL, { agent, headers, body, signal }: Post): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const fixed = { "content-type": "application/json", "content-length": length };
    const options = { method: "POST", agent, headers: { ...fixed, ...headers }, ...(signal ? { signal } : {}) };
    const asking = request(url, options, (answer) => {
      text(answer).then((answered) => resolve({ status: answer.statusCode!, body: answered }), reject);
    });
    asking.on("error", reject).end(body);
  });
}
