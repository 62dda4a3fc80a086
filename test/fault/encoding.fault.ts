/** A node is killed a hundred times while it encodes one film. */
import { surviveKills } from "../support/faults/encoding-kills.ts";

it("redoes nothing but the chunk that was not finished, and the film is the same, in 100 kills", async () => {
  const { lost, ...result } = await surviveKills(100, { seconds: 300, longest: 1500 });
  expect(result).toEqual({ kills: 100, state: "done", told: ["content.encoded", "content.published"], isSame: true });
  expect(lost).toBeLessThanOrEqual(100);
}, 7_200_000);
