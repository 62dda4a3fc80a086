/** The streams that a deployment needs and who reads them, as the contracts say. It reads no settings: tools plan for others. */
import type { Contract } from "#core/contract.ts";

/** A publishing service and the groups that read its events. */
export interface StreamPlan {
  readonly source: string;
  readonly groups: readonly string[];
}

/** What the plans need to know of a contract. */
type Publisher = Pick<Contract, "name" | "version" | "gateway" | "subscribes">;

export const ownerOf = (name: string): string => name.slice(0, name.indexOf("."));

/** Services whose events this one handles, sorted. @throws Error when its own are among them */
export function sourcesOf({ name, subscribes = [] }: Publisher): readonly string[] {
  const sources = new Set(subscribes.map(ownerOf));
  // With a consumer on its own stream it could have the server send what it published to any subject, in anybody's name.
  if (sources.has(name))
    throw new Error(`${name} must not subscribe to its own events: NATS would let it forge others'.`);
  return [...sources].toSorted();
}

/** Every service with events: the streams that must be there. */
export const streamPlans = (contracts: readonly Publisher[]): readonly StreamPlan[] =>
  [...new Set(contracts.filter(({ gateway }) => !gateway).map(({ name }) => name))].map((source) => ({
    source,
    groups: contracts
      .filter((one) => sourcesOf(one).includes(source))
      .map(({ name, version }) => `v${version}-${name}`),
  }));
