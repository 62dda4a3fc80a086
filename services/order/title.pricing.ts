/** Prices films at what the account service asks for them now. */
import type { Input, Output } from "#core/contract.ts";
import { type Ctx, userId } from "#core/context.ts";
import { isError, sharedError } from "#core/errors.ts";
import { order as contract } from "./order.contract.ts";

export type RequestedTitles = NonNullable<Input<"order.quote">["titles"]>;
type Quoted = Output<"account.quoteTitles">["items"][number];

/** As it is sold: one unit, whose product is the film. */
const toSale = ({ videoId, kind, name, price, taxRate, hours, until }: Quoted) => ({
  line: { productId: videoId, quantity: 1 },
  product: {
    id: videoId,
    name,
    price,
    taxRate,
    title: { kind, ...(hours !== null && { hours }), ...(until !== null && { until }) },
  },
});
type Sale = ReturnType<typeof toSale>;

/** What the account service refuses, as an order says it. */
const refusals = {
  ACCOUNT_ALREADY_OWNED: "TITLE_OWNED",
  ACCOUNT_NOT_OFFERED: "TITLE_NOT_OFFERED",
  ACCOUNT_NOT_AVAILABLE: "TITLE_NOT_AVAILABLE",
} as const;

/** @throws TITLE_OWNED, TITLE_NOT_OFFERED, TITLE_NOT_AVAILABLE, VALIDATION_FAILED for a film that is asked for twice */
export async function quoteTitles(ctx: Ctx, titles: RequestedTitles): Promise<Sale[]> {
  if (titles.length === 0) return [];
  checkOnce(ctx, titles);
  try {
    const region = ctx.meta.region ?? null;
    const { items } = await ctx.call("account.quoteTitles", { userId: userId(ctx), region, titles });
    return items.map(toSale);
  } catch (error) {
    const known = Object.entries(refusals).find(([code]) => isError(error, code));
    if (!known) throw error;
    throw contract.error(known[1], (error as { data?: object }).data);
  }
}

function checkOnce(ctx: Ctx, titles: RequestedTitles): void {
  const again = titles.findIndex(({ videoId }, at) => titles.findIndex((one) => one.videoId === videoId) < at);
  if (again < 0) return;
  const detail = { en: "must name each film once", ko: "같은 영상을 두 번 이상 보낼 수 없습니다" };
  throw sharedError("VALIDATION_FAILED", {
    errors: [{ pointer: `/titles/${again}/videoId`, detail: detail[ctx.meta.language ?? "en"] }],
  });
}
