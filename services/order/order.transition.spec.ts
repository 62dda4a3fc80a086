import { Status } from "./answer.contract.ts";
import { moves } from "./order.transition.ts";

const statuses = Status.enum as readonly Status[];

describe("the moves of an order", () => {
  const allowed: Readonly<Record<keyof typeof moves, readonly string[]>> = {
    confirm: ["pending → confirmed", "needs_attention → confirmed"],
    cancel: ["pending → cancelled", "confirmed → cancelled", "needs_attention → cancelled"],
    park: ["pending → needs_attention", "confirmed → needs_attention", "needs_attention → needs_attention"],
  };

  it.each(Object.keys(moves) as (keyof typeof moves)[])("%s", (name) => {
    const { from, to } = moves[name];
    expect(statuses.filter((one) => from.includes(one)).map((one) => `${one} → ${to}`)).toEqual(
      statuses.map((one) => `${one} → ${to}`).filter((one) => allowed[name].includes(one)),
    );
    expect(from).toHaveLength(allowed[name].length);
  });
});
