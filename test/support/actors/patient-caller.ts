/** Somebody who waits for an answer as long as it takes, so that its time is measured. */
import { newId } from "#core/id.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { Client } from "./client.ts";

/** Signed in without an account: the test has the platform's keys. Of several gateways each is asked in turn. */
export async function patientCaller(urls: string | readonly string[], role = "customer"): Promise<Client> {
  const gateways = [urls].flat();
  let turn = 0;
  const token = await signAccessToken({ id: newId(), roles: [role], session: newId() });
  return new Client(() => gateways[turn++ % gateways.length]!, token);
}
