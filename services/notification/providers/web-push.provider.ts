/** Messages to browsers by Web Push (RFC 8030): their push services show them to nobody but the browser. */
import { post } from "#mixins/http/post.ts";
import { mayReach, type Network } from "#mixins/http/public-host.ts";
import { Breaker } from "../breaker.model.ts";
import { Undeliverable } from "../notification.model.ts";
import type { Parcel, Provider, PushSubscription } from "../notification.provider.ts";
import { authorizationOf, encrypt, LONGEST, type Vapid } from "../web-push.model.ts";

/** Seconds for which a push service keeps a message while the browser is away. */
const TTL = 86_400;
/** Push services of which it is remembered that they were down. */
const SERVICES = 1000;

interface Options {
  readonly vapid: Vapid;
  readonly networks: readonly Network[];
  /** Milliseconds that an answer may take. */
  readonly timeout: number;
  /** The browser has no such subscription any more. */
  readonly forget: (subscription: PushSubscription) => Promise<unknown>;
}

class Unreached extends Error {
  readonly code: string;
  constructor(code: string | number) {
    super(`A push service answered ${code}.`);
    this.code = `PUSH ${code}`;
  }
}

/** The text that a browser's service worker shows. With the same `tag`, a repeat replaces what it showed before. */
function payloadOf({ id, language, subject, summary, createdAt, link }: Parcel): Buffer {
  const text = (body: string) =>
    Buffer.from(JSON.stringify({ title: subject, body, lang: language, tag: id, timestamp: createdAt, url: link }));
  const whole = text(summary);
  return whole.length <= LONGEST ? whole : text("");
}

export function webPush({ vapid, networks, timeout, forget }: Options): Provider {
  /** By push service: who subscribes names it, so one that is down stops nobody else's messages. */
  const breakers = new Map<string, Breaker>();
  const breakerOf = (origin: string): Breaker => {
    const breaker = breakers.get(origin) ?? new Breaker();
    breakers.delete(origin);
    breakers.set(origin, breaker);
    if (breakers.size > SERVICES) breakers.delete(breakers.keys().next().value!);
    return breaker;
  };

  /** The status, or why none came. */
  async function push({ endpoint, keys }: PushSubscription, parcel: Parcel): Promise<number | string> {
    const url = new URL(endpoint);
    const breaker = breakerOf(url.origin);
    if (breaker.isOpen) return "DOWN";
    const { status, error } = await post(url, {
      headers: {
        authorization: await authorizationOf(vapid, url),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        ttl: String(TTL),
        urgency: parcel.isUrgent ? "high" : "normal",
        // A repeat replaces what still waits for the browser.
        topic: parcel.id.replaceAll("-", ""),
      },
      body: encrypt(payloadOf(parcel), keys),
      signal: AbortSignal.timeout(timeout),
      mayReach: mayReach(url, networks),
    });
    if (status === null || status >= 500) breaker.failed();
    else breaker.succeeded();
    return status ?? error!;
  }

  return {
    name: "web-push",
    reaches: ({ pushSubscriptions }) => pushSubscriptions.length > 0,
    async send({ pushSubscriptions }, parcel, trace) {
      const reached = new Set(trace.reference?.split(" "));
      const failures: (number | string)[] = [];
      const waiting = pushSubscriptions.filter(({ id }) => !reached.has(id));
      const one = async (subscription: PushSubscription) => {
        const answer = await push(subscription, parcel).catch(() => "KEYS");
        if (typeof answer === "number" && answer >= 200 && answer < 300) reached.add(subscription.id);
        else if (answer === 404 || answer === 410 || answer === "KEYS" || answer === "ADDRESS_REFUSED")
          await forget(subscription);
        else failures.push(answer);
      };
      await Promise.all(waiting.map(one));
      trace.reference = reached.size > 0 ? [...reached].join(" ") : null;
      trace.provider = "web-push";
      const [failure] = failures;
      if (failure !== undefined) throw new Unreached(failure);
      if (reached.size === 0) throw new Undeliverable("No browser is left.", { cause: new Unreached("GONE") });
    },
  };
}
