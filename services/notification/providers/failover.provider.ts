/** Several providers of one channel as one: the next takes a message over that the one before certainly did not take. */
import { Breaker } from "../breaker.model.ts";
import { NotTaken, Undeliverable } from "../notification.model.ts";
import type { Provider } from "../notification.provider.ts";

/** All providers are down, and none was asked. */
class AllDown extends Error {
  readonly code = "PROVIDERS_DOWN";
}

interface Member {
  readonly provider: Provider;
  readonly breaker: Breaker;
}

/** What one person's message brings about never counts against a provider, because it would stop those of others. */
function note({ breaker }: Member, error: unknown): void {
  if (error instanceof Undeliverable || (error instanceof NotTaken && !error.isDown)) breaker.succeeded();
  else breaker.failed();
}

/** @param providers of one channel, the preferred one first */
export function inTurn(providers: readonly Provider[]): Provider {
  const members = providers.map((provider) => ({ provider, breaker: new Breaker() }));
  const [{ provider: first }] = members as [Member, ...Member[]];
  /** Whoever may have it already is asked first, also when it seems to be down: nobody else knows. */
  const inOrder = (asked: string | null): readonly Member[] => {
    const known = members.filter(({ provider }) => provider.name === asked);
    return [...known, ...members.filter((one) => !known.includes(one) && !one.breaker.isOpen)];
  };
  return {
    name: providers.map(({ name }) => name).join(", "),
    reaches: (recipient) => first.reaches(recipient),
    async send(recipient, parcel, trace) {
      let last: unknown = new AllDown("No provider can be asked now.");
      for (const member of inOrder(trace.provider)) {
        try {
          await member.provider.send(recipient, parcel, trace);
          return member.breaker.succeeded();
        } catch (error) {
          note(member, error);
          if (!(error instanceof NotTaken)) throw error;
          last = error;
        }
      }
      throw last;
    },
    close() {
      for (const { provider } of members) provider.close?.();
    },
  };
}
