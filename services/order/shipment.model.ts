/** The states of a shipment, and what each move makes of the units in it. */
import { timestamp } from "#core/clock.ts";
import type { ShipmentState } from "./answer.contract.ts";
import { type Line, move, type Units } from "./fulfilment.model.ts";
import { order } from "./order.contract.ts";
import type { ShipmentRow } from "./fulfilment.tables.ts";

/** The moves that lead from one state to another. What was delivered was sent before, whether we were told or not. */
const courses: Readonly<Record<ShipmentState, Partial<Record<ShipmentState, readonly Move[]>>>> = {
  packed: { shipped: ["ship"], delivered: ["ship", "deliver"], lost: ["ship", "lose"] },
  shipped: { delivered: ["deliver"], lost: ["lose"] },
  delivered: {},
  lost: {},
};
export type Move = "ship" | "deliver" | "lose";

interface Moved {
  readonly row: ShipmentRow;
  readonly lines: readonly Line[];
  readonly moves: readonly Move[];
}

/** A shipment in another state, and the order's lines with it. @throws SHIPMENT_ENDED */
export function moved(row: ShipmentRow, to: ShipmentState, lines: readonly Line[], units: readonly Units[]): Moved {
  if (row.state === to) return { row, lines, moves: [] };
  const moves = courses[row.state][to];
  if (!moves) throw order.error("SHIPMENT_ENDED", { state: row.state });
  const at = timestamp();
  return {
    row: { ...row, state: to, shipped_at: row.shipped_at ?? at, ended_at: to === "shipped" ? null : at },
    lines: moves.reduce<readonly Line[]>((before, one) => move(before, units, one), lines),
    moves,
  };
}

/** News of a carrier may come late, or twice: they never take back what is known. */
export const isNews = ({ state }: ShipmentRow, told: ShipmentState): boolean => courses[state][told] !== undefined;
