/** The client for a sandbox in another process. */
import { Agent } from "node:http";
import { decodeCursor, positions } from "#core/cursor.ts";
import { type Charge, ProviderRefusal, type ProviderWithLedger } from "../payment.provider.ts";
import { type Operation, post, REFUSED } from "./sandbox.http.ts";
import { apiKey, parseWebhook, webhookSecret } from "./sandbox.webhook.ts";

/** @param base e.g. http://127.0.0.1:4010 */
export function sandboxClient(base: string): ProviderWithLedger {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  const headers = { authorization: `Bearer ${apiKey()}` };
  const secret = webhookSecret();

  /** @throws ProviderRefusal, or Error when the outcome is unknown */
  const asking = (operation: Operation) => {
    const url = new URL(`/v1/${operation}`, base);
    return async <Answer>(argument: unknown, signal?: AbortSignal): Promise<Answer> => {
      const { status, body } = await post(url, { agent, headers, body: JSON.stringify(argument), signal });
      const answer = JSON.parse(body) as { readonly code: string };
      if (status === 200) return answer as Answer;
      if (status === REFUSED) throw new ProviderRefusal(answer.code);
      throw new Error(`The sandbox answered ${status} ${answer.code} to ${operation}.`);
    };
  };
  /** The sandbox knows the order of each charge, and its protocol has no place for it. */
  const ofCharge = (operation: Operation) => {
    const ask = asking(operation);
    return (asked: { readonly reference?: string }, signal?: AbortSignal): Promise<Charge> => {
      const { reference: _reference, ...request } = asked;
      return ask(request, signal);
    };
  };
  const retrieve: (reference: string, signal?: AbortSignal) => Promise<Charge | null> = asking("retrieve");
  const ledger: ProviderWithLedger["ledger"] = asking("ledger");
  return {
    name: "sandbox",
    authorize: asking("authorize"),
    confirm: ofCharge("confirm"),
    capture: ofCharge("capture"),
    cancel: ofCharge("cancel"),
    refund: ofCharge("refund"),
    retrieve: ({ reference }, signal) => retrieve(reference, signal),
    describe: asking("describe"),
    dispute: asking("dispute"),
    list: asking("list"),
    parseWebhook: (webhook) => parseWebhook(secret, webhook),
    async ledger(query, signal) {
      // A forged cursor is the client's mistake, which the protocol does not tell from other refusals.
      decodeCursor(query.cursor, positions.id);
      return ledger(query, signal);
    },
    close: async () => agent.destroy(),
  };
}
