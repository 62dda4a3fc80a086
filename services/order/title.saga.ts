/** The steps of an order with films: they are held before the money moves, and granted when it is sure. */
import { isError } from "#core/errors.ts";
import { type Run, type Step, Waiting } from "#mixins/saga/saga.mixin.ts";
import type { PlaceOrder } from "./placement.model.ts";
import { captureIdOf, filmsIn, partOfFilms } from "./title.model.ts";

type PlaceOrderRun = Run<PlaceOrder>;

/** Orders without films ask the account service nothing. */
export const hasFilms = ({ order }: PlaceOrder): boolean => filmsIn(order.items).length > 0;

const orderOf = ({ id, input }: PlaceOrderRun) => ({ orderId: id, userId: input.userId });

export const holdTitles = (run: PlaceOrderRun) =>
  run.ctx.call("account.holdTitles", {
    ...orderOf(run),
    titles: filmsIn(run.input.order.items).map(({ productId: videoId, title: { kind, hours, until } }) => ({
      videoId,
      kind,
      hours: hours ?? null,
      until: until ?? null,
    })),
  });

const releaseTitles = (run: PlaceOrderRun) =>
  run.ctx.call("account.releaseTitles", {
    ...orderOf(run),
    titles: filmsIn(run.input.order.items).map(({ productId: videoId, title: { kind } }) => ({ videoId, kind })),
  });

const grantTitles = ({ ctx, id }: PlaceOrderRun) => ctx.call("account.grantTitles", { orderId: id });

export const holding: Step<PlaceOrder> = {
  name: "holdTitles",
  do: holdTitles,
  undo: releaseTitles,
  when: hasFilms,
};
export const granting: Step<PlaceOrder> = { name: "grantTitles", do: grantTitles, when: hasFilms };

/** What was captured for films of an order whose goods are captured as they are sent. Amounts are minor units. */
export interface CapturedFirst {
  readonly amount: number;
  /** True when nothing is left to capture. */
  readonly isFinal: boolean;
}

/** The films of an order are captured with it, whenever its goods are. */
export const isCapturedFirst = (input: PlaceOrder): boolean =>
  input.capture === "shipment" && hasFilms(input) && partOfFilms(input.order).amount > 0;

export async function captureFilms({ ctx, id, input }: PlaceOrderRun): Promise<CapturedFirst | Waiting> {
  const { total, payable } = input.order;
  const { currency } = total;
  const part = partOfFilms(input.order);
  try {
    const { status } = await ctx.call("payment.capture", {
      orderId: id,
      captureId: captureIdOf(id),
      amount: { amount: part.amount, currency },
      ...(part.isFinal && { final: true }),
    });
    return status === "succeeded" ? part : new Waiting(status);
  } catch (error) {
    // The second one when a former attempt has captured all, and its answer was lost.
    if (!isError(error, "PAYMENT_CAPTURE_ONCE") && !isError(error, "PAYMENT_CAPTURE_MISMATCH")) throw error;
  }
  // A payment that is captured only once is captured as a whole with the films.
  const whole = { amount: (payable ?? total).amount, isFinal: true };
  const amount = { amount: whole.amount, currency };
  const { status } = await ctx.call("payment.capture", {
    orderId: id,
    captureId: captureIdOf(id),
    amount,
    final: true,
  });
  return status === "succeeded" ? whole : new Waiting(status);
}
