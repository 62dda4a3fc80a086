/**
 * An order of goods and a film, with a failure at every step that concerns the film, before and after its effect, and late: the film is
 * granted once to who paid, and is nobody's when the order is undone.
 * @databases sqlite postgres
 */
import type { Output } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { withKey } from "#core/context.ts";
import type { SagaTables } from "#mixins/saga/saga.mixin.ts";
import type { OrderTables } from "../../services/order/order.repository.ts";
import { address } from "../support/actors/client.ts";
import { chargesOf } from "../support/actors/customer-orders.ts";
import { type Fault, Faults } from "../support/faults/call-faults.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Clock } from "../support/fixtures/clock.ts";
import { AllServices, type Person, won } from "../support/systems/all-services.ts";

// Milliseconds, which pass by hand: longer than a busy machine needs for an order.
const PATIENCE = 600_000;
// It never goes back: what is planned for later would be out of reach.
const clock = new Clock();
const faults = new Faults();
let all: AllServices;
let staff: Person;
let tea: string;
beforeAll(async () => {
  const settings = { ORDER_ANSWER_BUDGET: "200", ORDER_PATIENCE: `${PATIENCE}`, PAYMENT_PROVIDER_TIMEOUT: "20000" };
  all = await AllServices.open(settings, faults);
  staff = await all.person("staff");
  tea = await all.product(won(1000), 500);
});
afterAll(() => all.close());

interface Placed {
  readonly id: string;
  readonly me: Person;
  readonly videoId: string;
  readonly requestId: string;
}

async function place(paymentMethod: string, fault?: Fault): Promise<Placed> {
  const [me, videoId, requestId] = [await all.person(), await all.film({ buy: won(9900) }), newId()];
  if (fault) faults.plan(requestId, fault);
  const params = {
    items: [{ productId: tea, quantity: 2 }],
    titles: [{ videoId, kind: "buy" }],
    paymentMethod,
    shippingAddress: address,
  };
  const options = withKey(newId(), { meta: { accessToken: me.token }, requestID: requestId });
  // The order says too that it was refused.
  await all.broker.call("order.create", params, options).catch(() => null);
  const { items } = await me.call("order.list", {});
  return { id: items[0]!.id, me, videoId, requestId };
}

const reaches = ({ id, me }: Placed, status: Output<"order.get">["status"]) =>
  eventually(async () => (await me.call("order.get", { id })).status === status);

/** What the customer has of the film, what they have paid in all, and whether they may watch it. */
async function standing({ id, me, videoId }: Placed) {
  const { items } = await me.call("account.listPurchases", {});
  const [charge] = await chargesOf(all, id);
  const { items: profiles } = await me.call("account.listProfiles", {});
  const profile = profiles[0] ?? (await me.call("account.addProfile", { name: "Viewer" }));
  const asked = { userId: me.id, profileId: profile.id, videoId };
  const watches = await all
    .asService(me.id)
    .call("account.entitle", asked)
    .then(
      () => true,
      () => false,
    );
  return [items.map(({ status }) => status), charge ? charge.captured.amount - charge.refunded.amount : 0, watches];
}

const granted = [["granted"], 11_900, true];

const films = ["account.holdTitles", "account.grantTitles"];
const faultsOf = (actions: readonly string[], modes: readonly Fault["mode"][], times: readonly number[]): Fault[] =>
  actions.flatMap((action) => modes.flatMap((mode) => times.map((count) => ({ action, mode, times: count }))));

describe("a step of an order with a film that fails", () => {
  it.each(faultsOf([...films, "payment.capture", "product.commit"], ["before", "after"], [1, 2]))(
    "is asked again until it is done, and the film is granted once: $action, $mode its effect, $times ×",
    async (fault) => {
      const placed = await place("tok_success", fault);
      await reaches(placed, "confirmed");
      expect(await standing(placed)).toEqual(granted);
    },
  );

  it.each(faultsOf(["account.holdTitles"], ["before", "after"], [1]))(
    "is undone when the payment is declined: $action, $mode its effect",
    async (fault) => {
      const placed = await place("tok_declined", fault);
      await reaches(placed, "cancelled");
      expect(await standing(placed)).toEqual([["refused"], 0, false]);
    },
  );

  it("is undone when it goes on failing, whether it had its effect or not, and a hold that comes late is refused", async () => {
    const modes = faultsOf(["account.holdTitles", "payment.authorize"], ["before", "after", "late"], [Infinity]);
    const orders = await Promise.all(modes.map((fault) => place("tok_success", fault)));
    clock.advance(PATIENCE);
    for (const [at, placed] of orders.entries()) {
      await reaches(placed, "cancelled");
      if (modes[at]!.mode === "late" && modes[at]!.action === "account.holdTitles") {
        const late = await faults.arrive(placed.requestId);
        expect(late.map(({ status }) => status)).toEqual(late.map(() => "rejected"));
      }
      expect(await standing(placed)).toEqual([["refused"], 0, false]);
    }
  });
});

describe("an order with a film that staff end by hand", () => {
  it.each([
    ["confirmed", ["granted"], true],
    ["cancelled", ["refused"], false],
  ] as const)("takes its film along: %s", async (status, films, watches) => {
    const placed = await place("tok_3ds");
    await all.db<OrderTables & SagaTables>("order").write(async ({ query }) => {
      await query.updateTable("sagas").set({ status: "parked", next_at: null }).where("id", "=", placed.id).execute();
      await query.updateTable("orders").set({ status: "needs_attention" }).where("id", "=", placed.id).execute();
    });
    const admin = await all.person("admin");
    await admin.call("order.settle", { id: placed.id, status, note: "Looked at it." });
    await eventually(async () => (await standing(placed))[2] === watches);
    await eventually(async () => {
      const { items } = await placed.me.call("account.listPurchases", {});
      return items[0]!.status === films[0];
    });
  });
});

describe("a film that is taken back", () => {
  it.each(faultsOf(["account.releaseTitles", "payment.reverse"], ["before", "after"], [1, 2]))(
    "goes back with the whole order: $action, $mode its effect, $times ×",
    async (fault) => {
      const placed = await place("tok_success");
      await reaches(placed, "confirmed");
      faults.plan(placed.requestId, fault);
      await staff.call("order.cancel", { id: placed.id });
      await reaches(placed, "cancelled");
      expect(await standing(placed)).toEqual([["returned"], 0, false]);
    },
  );

  it.each(faultsOf(["account.releaseTitles", "payment.refundPart"], ["before", "after"], [1]))(
    "goes back alone, and its money once: $action, $mode its effect",
    async (fault) => {
      const placed = await place("tok_success");
      await reaches(placed, "confirmed");
      faults.planAny(fault);
      await staff.call("order.cancelItems", { id: placed.id, items: [{ productId: placed.videoId, quantity: 1 }] });
      await eventually(async () => {
        clock.advance(1000);
        return (await chargesOf(all, placed.id))[0]!.refunded.amount === 9900;
      });
      expect(await standing(placed)).toEqual([["returned"], 2000, false]);
    },
  );

  it.each(faultsOf(films, ["late"], [Infinity]))(
    "is not granted by what arrives when all is undone: $action",
    async (fault) => {
      const placed = await place("tok_success", fault);
      await eventually(() => faults.lateCalls(placed.requestId) > 0);
      await staff.call("order.cancel", { id: placed.id });
      await reaches(placed, "cancelled");
      const late = await faults.arrive(placed.requestId);
      expect(late.map(({ status }) => status)).toEqual(late.map(() => "rejected"));
      expect(await standing(placed)).toEqual([["refused"], 0, false]);
    },
  );
});
