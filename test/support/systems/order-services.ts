/** A node with every service that an order needs, people who place orders, and faults on the way between the services. */
import type { CallingOptions, ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Database } from "#mixins/database/database.ts";
import type { UserTables } from "../../../services/user/user.repository.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import moleculerConfig from "../../../moleculer.config.ts";
import { startBroker } from "./broker.ts";
import { orderOf } from "../actors/client.ts";
import { givePoints } from "../actors/points.ts";
import { localService } from "./local-service.ts";
import { type Fault, Faults } from "../faults/call-faults.ts";
import { violationsAtRest } from "../invariants/invariants.ts";
import { eventually } from "../fixtures/eventually.ts";

interface Module {
  readonly default: ServiceSchema;
}

type Order = Output<"order.get">;

/** An order that was asked for; `requestId` names its faults. */
export interface PlacedOrder {
  readonly id: string;
  readonly userId: string;
  readonly requestId: string;
}

export class OrderServices {
  readonly broker: ServiceBroker;
  readonly productId: string;
  readonly faults: Faults;

  private constructor(broker: ServiceBroker, productId: string, faults: Faults) {
    this.broker = broker;
    this.productId = productId;
    this.faults = faults;
  }

  static async open(): Promise<OrderServices> {
    const names = ["user", "product", "order", "payment", "notification"];
    const modules = names.map((name) => import(`../../../services/${name}/${name}.service.ts`) as Promise<Module>);
    const services = (await Promise.all(modules)).map((module) => module.default);
    const faults = new Faults();
    const broker = await startBroker(services, {
      middlewares: [faults.attempts, ...moleculerConfig.middlewares, faults.calls],
    });
    const price = { amount: 39_000, currency: "KRW" as const };
    const goods = { name: "Onggi", description: "Breathing earthenware.", price, stock: 1000 };
    const product = await broker.call<{ id: string }, object>(
      "product.create",
      goods,
      await signedIn(newId(), "admin"),
    );
    const coupon = { code: "TEN", kind: "percent", percent: 1000, budget: { amount: 1e9, currency: "KRW" } };
    await broker.call("user.addCoupon", coupon, await signedIn(newId(), "admin"));
    return new OrderServices(broker, product.id, faults);
  }

  close(): Promise<void> {
    return this.broker.stop();
  }

  async as<N extends ActionName>(userId: string, name: N, params: Input<N>): Promise<Output<N>> {
    return this.broker.call(name, params, await signedIn(userId));
  }

  /** Books stock in or out until so many units can be ordered. */
  async setStock(sellable: number): Promise<void> {
    const id = this.productId;
    const stock = await this.broker.call<{ sellable: number }, object>("product.getStock", { id });
    const adjustment = { id, quantity: sellable - stock.sellable, reason: "Counted." };
    if (adjustment.quantity !== 0)
      await this.broker.call("product.adjustStock", adjustment, await signedIn(newId(), "admin"));
  }

  /** A new customer orders two with a coupon and points; answers when the order has ended or has to wait. */
  async placeOrder(paymentMethod: string, fault?: Fault, points = 5001): Promise<PlacedOrder> {
    const [userId, requestId] = [newId(), newId()];
    await givePoints(localService<{ db: Database<UserTables> }>(this.broker, "user").db, userId, points);
    if (fault) this.faults.plan(requestId, fault);
    const options = { ...(await signedIn(userId)), requestID: requestId };
    // The order says too that it was refused.
    const order = { ...orderOf(this.productId, 2, paymentMethod), coupons: ["ten"], points };
    await this.broker.call("order.create", order, options).catch(() => null);
    const { items } = await this.as(userId, "order.list", {});
    return { id: items[0]!.id, userId, requestId };
  }

  cancel({ id, userId }: PlacedOrder): Promise<Order> {
    return this.as(userId, "order.cancel", { id });
  }

  /** One of the two is cancelled, and the other one is sent. */
  async sendPart({ id, userId }: PlacedOrder): Promise<void> {
    await this.as(userId, "order.cancelItems", { id, items: [{ productId: this.productId, quantity: 1 }] });
    await this.send(id);
  }

  /** All that is left of an order is sent. */
  async send(id: string): Promise<void> {
    const staff = () => signedIn(newId(), "admin");
    const parcel = await this.broker.call<{ id: string }, object>("order.createShipment", { id }, await staff());
    await this.broker.call("order.updateShipment", { id: parcel.id, state: "shipped" }, await staff());
  }

  /** The order, once it has come to this state. */
  reaches(status: Order["status"], { id, userId }: PlacedOrder): Promise<Order> {
    return eventually(async () => {
      const order = await this.as(userId, "order.get", { id });
      return order.status === status ? order : null;
    });
  }

  /** What contradicts the invariants when all has come to rest. */
  violations(): Promise<string[]> {
    return violationsAtRest(process.env.DATA_DIR!);
  }
}

async function signedIn(id: string, role: "customer" | "admin" = "customer"): Promise<CallingOptions> {
  return withKey(newId(), { meta: { accessToken: await signAccessToken({ id, roles: [role], session: newId() }) } });
}
