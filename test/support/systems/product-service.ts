/** The product service by itself, with people who call it and another service in place of the order service. */
import type { Service, ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey, workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Language } from "#core/text.ts";
import type { Pictures } from "../../../services/product/image.mixin.ts";
import service from "../../../services/product/product.service.ts";
import type { Database } from "#mixins/database/database.ts";
import type { ProductTables } from "../../../services/product/product.tables.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { tokenOf } from "../actors/people.ts";
import { startBroker } from "./broker.ts";
import { localService } from "./local-service.ts";

export const won = (amount: number) => ({ amount, currency: "KRW" as const });

/** What a new product is by default. */
export const tea = { name: "Green tea", description: "From Boseong", price: won(9000), stock: 10 };

/** Starts the service before the tests of this file and stops it after them; answers the ways to call it. */
export function productService() {
  let broker: ServiceBroker;
  let staffToken: string;
  beforeAll(async () => {
    broker = await startBroker([service, { name: "order", version: 1 }]);
    staffToken = await tokenOf("ann", "staff");
  });
  afterAll(() => broker.stop());
  afterEach(() => jest.restoreAllMocks());

  /** As nobody in particular. */
  const call = <N extends ActionName>(name: N, params: Input<N>) => broker.call<Output<N>, Input<N>>(name, params);
  /** As nobody in particular who reads this language. */
  const callIn = <N extends ActionName>(language: Language | undefined, name: N, params: Input<N>) =>
    broker.call<Output<N>, Input<N>>(name, params, { meta: language === undefined ? {} : { language } });
  const callAsStaff = <N extends ActionName>(name: N, params: Input<N>, key: string = newId()) =>
    broker.call<Output<N>, Input<N>>(name, params, withKey(key, { meta: { accessToken: staffToken } }));
  /** As the order service does. */
  const callAsService = <N extends ActionName>(name: N, params: Input<N>, language?: Language) =>
    workContext(localService(broker, "order")).call(name, params, language === undefined ? {} : { meta: { language } });

  return {
    call,
    callIn,
    callAsStaff,
    callAsService,
    create: (values: Partial<Input<"product.create">> = {}) => callAsStaff("product.create", { ...tea, ...values }),
    createCategory: (name: string, parentId: string | null = null) =>
      callAsStaff("product.createCategory", { name, parentId }),
    /** The service itself, for what it does by itself. */
    host: () => localService<{ db: Database<ProductTables>; pictures: Pictures } & Service>(broker, "product"),
    pictures: () => localService<{ pictures: Pictures }>(broker, "product").pictures,
    /** Looks for reservations that have expired, as the service does by itself when one is due. */
    sweep: () => localService<{ sweep: { wake(): void } }>(broker, "product").sweep.wake(),
    /** Looks for stock of which somebody is to be told, as the service does by itself within seconds. */
    alert: () => localService<{ alerts: { wake(): void } }>(broker, "product").alerts.wake(),
    /** What was told of a product, oldest first. */
    eventsOf: (id: string) => localService<{ outbox: Outbox }>(broker, "product").outbox.since(`product:${id}`, 0, 100),
  };
}
