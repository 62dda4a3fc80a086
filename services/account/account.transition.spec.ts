import { Random } from "../../test/support/fixtures/random.ts";
import type { SubscriptionRow } from "./account.tables.ts";
import { allows, cancelled, moved, type MoveName, moves } from "./account.transition.ts";
import { entitles, type Status, statuses } from "./subscription.model.ts";

const names = Object.keys(moves) as MoveName[];
const row = (status: Status) => ({ id: "one", status, due_at: 5, ended_at: null }) as SubscriptionRow;

describe("the moves of a subscription", () => {
  const allowed: Readonly<Record<MoveName, readonly Status[]>> = {
    activate: ["pending", "trialing", "active", "past_due"],
    miss: ["trialing", "active", "past_due"],
    pause: ["active"],
    resume: ["paused"],
    cancel: ["pending", "trialing", "active", "past_due", "paused"],
  };

  it.each(names)("%s", (name) => {
    expect(statuses.filter((status) => allows(status, name))).toEqual(allowed[name]);
  });

  it("leave none but the known states, refuse all others, and end for good, in whatever order they are tried", () => {
    const random = new Random(7);
    for (let run = 0; run < 500; run += 1) {
      let now = row(random.pick(["pending", "trialing"]));
      for (let step = 0; step < 20; step += 1) {
        const name = random.pick(names);
        const next = () => (name === "cancel" ? cancelled(now, "customer", step) : moved(now, name, {}));
        if (!allowed[name].includes(now.status)) {
          expect(next).toThrow(expect.objectContaining({ type: "ACCOUNT_NOT_POSSIBLE", data: { status: now.status } }));
          continue;
        }
        now = next();
        expect(now.status).toBe(moves[name].to);
        if (now.status === "cancelled") expect(now).toMatchObject({ due_at: null, ended_at: step });
      }
    }
  });

  it("entitle until the last attempt at an overdue payment, and not while paused", () => {
    expect(statuses.filter(entitles)).toEqual(["trialing", "active", "past_due"]);
  });
});
