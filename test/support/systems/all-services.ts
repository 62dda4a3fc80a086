/** All services in this process over databases of their own, the gateway on a free port, and people to speak for. */
import { globSync } from "node:fs";
import { join } from "node:path";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { type Ctx, type Meta, withKey, workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import type { Money } from "#core/schema.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import { isError } from "#core/errors.ts";
import type { Database } from "#mixins/database/database.ts";
import { statements } from "#mixins/database/statement.ts";
import type { ContentTables } from "../../../services/content/content.tables.ts";
import { planOf } from "./account-service.ts";
import moleculerConfig from "../../../moleculer.config.ts";
import type { Faults } from "../faults/call-faults.ts";
import { startBroker } from "./broker.ts";
import { localService } from "./local-service.ts";

const root = join(import.meta.dirname, "../../..");

/** Set before any setting is read; nothing that makes a spec wait longer than it must, or a busy machine give up. */
const settings = {
  RATE_LIMIT: "off",
  ACCOUNT_ANSWER_BUDGET: "50000",
  ORDER_ANSWER_BUDGET: "50000",
  PAYMENT_PROVIDER_TIMEOUT: "3000",
  PAYMENT_RECONCILE_AFTER: "400",
  PAYMENT_SANDBOX_DELAY: "100",
  PAYMENT_SANDBOX_LATE_ANSWER: "3600000",
  NOTIFICATION_RATE: "0",
  NOTIFICATION_BOUNCE_SECRET: "secret-of-specs-with-24-bytes",
  NOTIFICATION_KEY: "key-of-specs-with-32-characters-",
  NOTIFICATION_API_URL: "https://api.shop.example",
  // Nobody listens there; a spec that wants text messages as files sets it to nothing.
  SMS_URLS: "http://AC1:token-of-specs@127.0.0.1:65534?from=%2B15550001111",
  ORDER_CARRIER_SECRET: "whsec_c2VjcmV0LW9mLXRoZS1jYXJyaWVy",
  PLAYBACK_LEASE: "3600000",
  WEBHOOK_ENDPOINTS: "1000",
  CONTENT_ENCODERS: "0",
};

const markEncoded = statements<ContentTables>()((q, p: { id: string }) =>
  q
    .updateTable("videos")
    .set({ state: "ready", release: "r1", duration_ms: 60_000, rungs: '[{"height":240,"bandwidth":400000}]' })
    .where("id", "=", p.id),
);

export const won = (amount: number): Money => ({ amount, currency: "KRW" });

export type Role = "customer" | "staff" | "admin";

/** A person with an access token. */
export class Person {
  readonly id: string;
  readonly token: string;
  /** Where the person is, as a gateway would find. */
  region: string | undefined;
  readonly #broker: ServiceBroker;

  constructor(broker: ServiceBroker, id: string, token: string) {
    this.#broker = broker;
    this.id = id;
    this.token = token;
  }

  async call<N extends ActionName>(name: N, params: Input<N>, key?: string): Promise<Output<N>> {
    return (await this.ask(name, params, key)).answer;
  }

  /** The answer, and whether it is a stored one. */
  async ask<N extends ActionName>(name: N, params: Input<N>, key: string = newId()) {
    const meta: Meta = { accessToken: this.token, ...(this.region && { region: this.region }) };
    const answer = (await this.#broker.call(name, params, withKey(key, { meta }))) as Output<N>;
    return { answer, replayed: meta["$replayed"] === true };
  }
}

export class AllServices {
  readonly broker: ServiceBroker;
  readonly url: string;
  /** All published events, oldest first. */
  readonly events: Envelope[] = [];
  readonly #schemas: ReadonlyMap<string, ServiceSchema>;
  readonly #caller: Service;

  private constructor(broker: ServiceBroker, schemas: ReadonlyMap<string, ServiceSchema>) {
    this.broker = broker;
    this.#schemas = schemas;
    this.#caller = broker.createService({ name: "caller" });
    this.url = (broker.getLocalService("v1.api") as unknown as { server: { url: string } }).server.url;
  }

  /**
   * @param env settings beside those above; one call a spec file, for settings are read once
   * @param faults on the way between the services
   */
  static async open(env: Readonly<Record<string, string>> = {}, faults?: Faults): Promise<AllServices> {
    Object.assign(process.env, settings, env);
    const paths = globSync("services/*/*.service.ts", { cwd: root }).toSorted();
    const modules = await Promise.all(
      paths.map((path) => import(join(root, path)) as Promise<{ default: ServiceSchema }>),
    );
    const schemas = modules
      .map(({ default: schema }) =>
        schema.name === "api" ? { ...schema, settings: { ...schema.settings, port: 0 } } : schema,
      )
      // A gateway that is asked for listens on a port of its own.
      .filter(({ name }) => !["grpc", "mcp"].includes(name) || process.env[`${name.toUpperCase()}_PORT`] !== undefined);
    const broker = await startBroker(
      schemas,
      faults && { middlewares: [faults.attempts, ...moleculerConfig.middlewares, faults.calls] },
    );
    const allServices = new AllServices(broker, new Map(schemas.map((schema) => [schema.name, schema])));
    const types = ["placed", "confirmed", "cancelled", "parked"].map((name) => `order.${name}`);
    localBus(broker).subscribe("caller", types, async (events) => void allServices.events.push(...events));
    return allServices;
  }

  /** Of the MCP gateway, where MCP_PORT is set. */
  get mcpUrl(): string {
    return this.service<{ gateway: { url: string } }>("mcp").gateway.url;
  }

  /** Of the gRPC gateway, where GRPC_PORT is set. */
  get grpcAddress(): string {
    return `127.0.0.1:${this.service<{ endpoint: { port: number } }>("grpc").endpoint.port}`;
  }

  close(): Promise<void> {
    return this.broker.stop();
  }

  /** Takes a service away, as if its node had died. */
  async remove(name: string): Promise<void> {
    await this.broker.destroyService(this.broker.getLocalService(`v1.${name}`));
  }

  /** Brings a service back. */
  async restore(name: string): Promise<void> {
    this.broker.createService(this.#schemas.get(name)!);
    await this.broker.waitForServices([`v1.${name}`]);
  }

  service<Names extends object>(name: string): Service & Names {
    return localService<Names>(this.broker, name);
  }

  db<Tables>(name: string): Database<Tables> {
    return this.service<{ db: Database<Tables> }>(name).db;
  }

  /** Calls as a service does, on behalf of a person or of nobody. */
  asService(onBehalfOf: string | null = null): Ctx<null> {
    return workContext(this.#caller, onBehalfOf);
  }

  /** A person without an account, unless `id` is one's: a token is all that most services ask for. */
  async person(
    role: Role = "customer",
    id: string = newId(),
    rights: { readonly permissions?: readonly string[] } = {},
  ): Promise<Person> {
    return new Person(this.broker, id, await signAccessToken({ id, roles: [role], session: newId(), ...rights }));
  }

  /** A new product; answers its id. */
  async product(price: Money = won(1000), stock = 10, name = "Tea"): Promise<string> {
    const staff = await this.person("staff");
    return (await staff.call("product.create", { name, description: "", price, stock })).id;
  }

  /** A new plan with a trial; answers its id. */
  async plan(amount = 11_900, more: Partial<Input<"account.createPlan">> = {}): Promise<string> {
    const staff = await this.person("staff");
    return (await staff.call("account.createPlan", planOf(`plan-${newId().slice(-12)}`, amount, more))).id;
  }

  /** A film that can be played, as if it had been encoded; answers its id. */
  async film(
    offers: Input<"content.create">["offers"] = {},
    rights: NonNullable<Input<"content.create">["rights"]> = [{}],
  ): Promise<string> {
    const staff = await this.person("staff");
    const { id } = await staff.call("content.create", {
      kind: "film",
      titles: { en: { title: "Rain" } },
      rating: 0,
      rights,
      offers,
    });
    await this.db<ContentTables>("content").run(markEncoded, { id });
    await staff.call("content.publish", { id });
    return id;
  }

  /** What somebody with a subscription needs to start a film. */
  async watching(person: Person): Promise<{ profileId: string; videoId: string }> {
    const subscribe = { planId: await this.plan(), paymentMethod: "tok_success" };
    await person.call("account.subscribe", subscribe).catch((error: unknown) => {
      if (!isError(error, "ACCOUNT_ALREADY_SUBSCRIBED")) throw error;
    });
    const { items } = await person.call("account.listProfiles", {});
    const profileId = items[0]?.id ?? (await person.call("account.addProfile", { name: "Viewer" })).id;
    return { profileId, videoId: await this.film() };
  }

  /** The types of the published events of an order, oldest first. */
  eventTypes(orderId: string): readonly string[] {
    return this.events.filter(({ subject }) => subject === `order:${orderId}`).map(({ type }) => type);
  }
}
