/**
 * What staff do with points, what their owner sees of it, and when they are told that some expire.
 * @databases sqlite postgres
 */
import { DAY } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import type { OutboxTable } from "#mixins/outbox/outbox.mixin.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { errorOf, userService } from "../../test/support/systems/user-service.ts";

const { call, customer, database, personWith } = userService();
let token: string;
beforeAll(async () => {
  ({ token } = await personWith("customer", "staff"));
});

const told = async (userId: string, wanted = "user.points_reminded") => {
  const { query } = database() as unknown as Database<OutboxTable>;
  const rows = await query.selectFrom("outbox").select(["type", "subject", "data"]).execute();
  return rows
    .filter(({ type, subject }) => type === wanted && subject === `user:${userId}`)
    .map(({ data }) => JSON.parse(data) as { points: number; balance?: number });
};

describe("points", () => {
  it("are given and taken by staff with a note, which their owner reads", async () => {
    const mina = await customer();
    const adjust = (points: number, note: string, id = mina.id) =>
      call("user.adjustPoints", { id, points, note }, token);
    expect(await adjust(500, "Sorry that it was late")).toMatchObject({ balance: 500, expiring: [{ points: 500 }] });
    expect(await adjust(-200, "Given twice")).toMatchObject({ balance: 300, held: 0, owed: 0 });
    await expect(adjust(-301, "Too many")).rejects.toMatchObject({
      type: "USER_POINTS_TOO_FEW",
      data: { balance: 300 },
    });
    await expect(adjust(0, "Nothing")).rejects.toEqual(errorOf("VALIDATION_FAILED"));
    await expect(adjust(1, "Nobody", newId())).rejects.toEqual(errorOf("NOT_FOUND"));
    const changes = (await told(mina.id, "user.points_changed")).map(({ points, balance }) => [points, balance]);
    expect(changes).toEqual([
      [500, 500],
      [-200, 300],
    ]);
    const own = await call("user.getPoints", {}, mina.token);
    expect(own).toMatchObject({ balance: 300 });
    expect(await call("user.getPointsOf", { id: mina.id }, token)).toEqual(own);
    const history = await call("user.listPoints", {}, mina.token);
    expect(history.items).toMatchObject([
      { reason: "adjusted", points: -200, note: "Given twice" },
      { reason: "adjusted", points: 500, note: "Sorry that it was late" },
    ]);
    expect(await call("user.listPointsOf", { id: mina.id }, token)).toEqual(history);
    await expect(call("user.getPointsOf", { id: mina.id }, mina.token)).rejects.toEqual(errorOf("FORBIDDEN"));
  });

  it("are told of a month before they expire, once, and expire by themselves", async () => {
    const clock = new Clock();
    const mina = await customer();
    await call("user.adjustPoints", { id: mina.id, points: 500, note: "Welcome" }, token);
    clock.advance(334 * DAY);
    expect(await told(mina.id)).toEqual([]);
    clock.advance(3 * DAY);
    await eventually(async () => (await told(mina.id)).length === 1);
    clock.advance(DAY);
    expect(await told(mina.id)).toMatchObject([{ userId: mina.id, points: 500 }]);
    clock.advance(30 * DAY);
    const { query } = database();
    await eventually(async () => {
      const { balance } = await query
        .selectFrom("point_accounts")
        .select("balance")
        .where("user_id", "=", mina.id)
        .executeTakeFirstOrThrow();
      return balance === 0;
    });
    jest.restoreAllMocks();
  });
});
