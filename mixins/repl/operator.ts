/**
 * Calls on behalf of the person at a node's shell. The person who started the node has its service key, so the
 * shell signs a token with that key, which names the operator. The token opens the actions whose contract says `operator`. Actions
 * that belong to customers, or that only another service may call, stay closed.
 */
import type { CallingOptions, ServiceBroker } from "moleculer";
import { OPERATOR } from "#core/context.ts";
import { Tokens } from "../node/tokens.ts";

let tokens: Tokens | undefined;

async function token(): Promise<string> {
  tokens ??= new Tokens();
  return tokens.signed(OPERATOR, null) ?? tokens.sign(OPERATOR, null);
}

/** @throws Error of the called action */
export async function call<Answer>(
  broker: ServiceBroker,
  name: string,
  params: object,
  options: CallingOptions = {},
): Promise<Answer> {
  return broker.call(name, params, { ...options, headers: { "x-service-token": await token() } });
}
