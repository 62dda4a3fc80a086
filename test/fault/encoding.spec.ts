/** A node is killed while it encodes a film. */
import { surviveKills } from "../support/faults/encoding-kills.ts";

it("redoes nothing but the chunk that was not finished, and the film is the same, in 3 kills", async () => {
  const { lost, ...result } = await surviveKills(3, { seconds: 12, longest: 2000 });
  expect(result).toEqual({ kills: 3, state: "done", told: ["content.encoded", "content.published"], isSame: true });
  expect(lost).toBeLessThanOrEqual(3);
}, 600_000);
