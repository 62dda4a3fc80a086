/** Runs first what starts nothing, so that a mistake in a rule is found within seconds. */
import TestSequencer from "@jest/test-sequencer";

const startsNothing = ({ path }) => /\.model\.spec\.ts$|\/test\/architecture\//.test(path);

export default class Sequencer extends TestSequencer {
  /**
   * The others stay in jest's order: what failed or took longest last time, else the largest. Specs that start many
   * processes are spread over the run by it; side by side, they would slow each other down.
   */
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- this is the method of the class, not that of arrays
    const sorted = super.sort(tests);
    return [...sorted.filter(startsNothing), ...sorted.filter((test) => !startsNothing(test))];
  }
}
