/**
 * A real shop has no test clocks: a person who moved one could begin and end what customers pay for.
 * @databases sqlite: it is refused before any database is asked
 */
import { DAY, now, timestamp } from "#core/clock.ts";
import { AccountNode, someone } from "../../test/support/systems/account-service.ts";

process.env.ACCOUNT_TEST_CLOCKS = "off";

it("there are no test clocks where they are off, not even for administrators", async () => {
  const node = await AccountNode.open();
  const { me } = await node.subscriber(await node.plan(7900));
  const advance = node.as(someone("admin"), "account.advance", { userId: me.id, to: timestamp(now() + DAY) });
  await expect(advance).rejects.toMatchObject({ type: "NOT_FOUND" });
  await node.close();
});
