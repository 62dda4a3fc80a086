/** A flood of wrong sign-ins from changing addresses, while the owner of an account wants to sign in. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker, ServiceSchema } from "moleculer";

Object.assign(process.env, { TRUST_PROXY: "1" });
const { default: config } = await import("../../moleculer.config.ts");
const { startBroker } = await import("../support/systems/broker.ts");
const { Client } = await import("../support/actors/client.ts");
const { default: api } = await import("../../services/api/api.service.ts");
const { default: user } = await import("../../services/user/user.service.ts");

const AT_ONCE = 150;
const SIGN_INS = 20;
const PASSWORD = "correct horse battery";

let broker: ServiceBroker;
let client: InstanceType<typeof Client>;
let addresses = 0;

beforeAll(async () => {
  const { circuitBreaker } = config;
  const gateway = { ...api, settings: { ...api.settings, port: 0 } as ServiceSchema["settings"] } as ServiceSchema;
  broker = await startBroker([gateway, user], { circuitBreaker });
  client = new Client(
    (broker.getLocalService({ name: "api", version: 1 }) as unknown as { server: { url: string } }).server.url,
  );
});
afterAll(() => broker.stop());

const signIn = (email: string, password: string, address: string) =>
  client.post("/sessions", { email, password }, { "x-forwarded-for": address });
const somewhere = (): string => `10.${(addresses += 1) >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;

/** Keeps so many wrong sign-ins under way; answers how each status was told when it is over. */
function flood(emailOf: () => string) {
  const statuses: Record<number, number> = {};
  const over = new AbortController();
  const attackers = Array.from({ length: AT_ONCE }, async () => {
    while (!over.signal.aborted) {
      const { status, headers } = await signIn(emailOf(), "a wrong guess", somewhere());
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status !== 429) continue;
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      // Not as long as it says, but so that the machine has time for something else.
      await sleep(200);
    }
  });
  return async () => {
    over.abort();
    await Promise.all(attackers);
    return statuses;
  };
}

let people = 0;
/** One address may sign in 20 times a minute, so every owner has two that nobody else has. */
const homes = (): string[] => ["192.0.2", "198.51.100"].map((network) => `${network}.${people}`);

it.each<[string, (own: string) => string]>([
  ["the same account", (own) => own],
  ["accounts that nobody has", () => `nobody${(people += 1)}@example.test`],
])(
  "signs the owner in 20 times of 20, and opens no breaker: at %s",
  async (at, emailOf) => {
    const email = `owner${(people += 1)}@example.test`;
    await client.post("/users", { email, password: PASSWORD, name: "Ann" }, { "x-forwarded-for": somewhere() });
    const ownHomes = homes();
    for (const home of ownHomes) expect((await signIn(email, PASSWORD, home)).status).toBe(201);
    const end = flood(() => emailOf(email));
    let signedIn = 0;
    for (let one = 0; one < SIGN_INS; one += 1)
      if ((await signIn(email, PASSWORD, ownHomes[one % ownHomes.length]!)).status === 201) signedIn += 1;
    const statuses = await end();
    process.stdout.write(
      `Sign-ins of the owner during the flood at ${at}: ${signedIn} of ${SIGN_INS}; the flood: ${JSON.stringify(statuses)}\n`,
    );
    expect(signedIn).toBe(SIGN_INS);
    expect(Object.keys(statuses).filter((status) => status !== "401" && status !== "429")).toEqual([]);
  },
  300_000,
);
