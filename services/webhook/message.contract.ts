/** The events that leave by webhooks: each says what happened to an order, a payment, a subscription, a film, stock or an account. */
export const forwarded = [
  "order.placed",
  "order.confirmed",
  "order.cancelled",
  "order.items_cancelled",
  "order.shipped",
  "order.delivered",
  "order.delivery_failed",
  "order.return_requested",
  "order.return_approved",
  "order.return_rejected",
  "order.returned",
  "order.refunded",
  "order.parked",
  "payment.disputed",
  "payment.refunded",
  "account.subscription_changed",
  "content.published",
  "content.encoded",
  "content.failed",
  "content.removed",
  "product.stock_dropped",
  "product.stock_exhausted",
  "product.restocked",
  "user.deleted",
] as const;

/** What an endpoint gets when somebody tries it out. */
export const TEST = "webhook.test";
