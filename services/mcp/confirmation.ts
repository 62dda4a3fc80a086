/**
 * The confirmation of a person, without which nothing that matters is done. It is signed for one person, one tool and its
 * arguments, and says for how long it is good; its id is the idempotency key of the call, so that a call which is
 * repeated with the same confirmation has one effect. Any gateway of the deployment may check what another issued.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { requestHash } from "#core/request-hash.ts";
import { serviceKey } from "#mixins/node/keys.ts";
import { mcp } from "./mcp.contract.ts";

/** Milliseconds for which one is good: a person reads before they agree. */
export const LIFETIME = 10 * 60_000;

/** How the person agrees: the client asks them and sends their answer, or an agent asks them and calls again. */
export type Way = "client" | "agent";

/** What is to be done, and for whom. */
export interface Intent {
  readonly person: string;
  readonly tool: string;
  readonly input: unknown;
}

const WRITTEN = /^([\da-f-]{36})\.([\da-z]{1,11})\.([\w-]{43})$/;

export class Confirmations {
  /** Derived from the services' key, so that neither is good in the other's place. */
  readonly #key = createHmac("sha256", serviceKey()).update("confirmations of the MCP gateway").digest();

  issue(way: Way, intent: Intent): string {
    const id = newId();
    const until = (now() + LIFETIME).toString(36);
    return `${id}.${until}.${this.#sign(way, id, until, intent).toString("base64url")}`;
  }

  /** @returns the idempotency key of the call. @throws CONFIRMATION_INVALID */
  check(way: Way, confirmation: string, intent: Intent): string {
    const [, id, until, signature] = WRITTEN.exec(confirmation) ?? [];
    if (id === undefined || until === undefined || signature === undefined) throw mcp.error("CONFIRMATION_INVALID");
    const isGood = timingSafeEqual(Buffer.from(signature, "base64url"), this.#sign(way, id, until, intent));
    if (!isGood || Number.parseInt(until, 36) < now()) throw mcp.error("CONFIRMATION_INVALID");
    return id;
  }

  #sign(way: Way, id: string, until: string, { person, tool, input }: Intent): Buffer {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([way, id, until, person, tool, requestHash(input)]))
      .digest();
  }
}
