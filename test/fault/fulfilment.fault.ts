/** Kills while orders are sent, cancelled and returned in part: goods, money, points and coupons are right afterwards. */
import { type Capture, FulfilmentRun } from "../support/faults/fulfilment-run.ts";

/** For each way in which money is taken. FULFILMENT_KILLS=10 makes it a short look. */
const KILLS = Number(process.env["FULFILMENT_KILLS"] ?? 100);

it.each<Capture>(["order", "at_once", "shipment"])(
  "gives back each unit and its price once, when money is captured by %s",
  (capture) => FulfilmentRun.survive(KILLS, capture),
  1_800_000,
);
