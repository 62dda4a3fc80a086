/** Runs first what starts nothing, so that a mistake in a rule is found within seconds. */
import TestSequencer from "@jest/test-sequencer";

/** Whole systems take long, however small the file is. How long each takes is known from the second run on. */
const mayTakeLong = ({ path, duration }) =>
  duration === undefined && /\/test\/(?:contract|e2e|fault|integration)\//.test(path);

const startsNothing = ({ path }) => /\.model\.spec\.ts$|\/test\/architecture\//.test(path);

export default class Sequencer extends TestSequencer {
  /**
   * The others stay in jest's order: what failed or took longest last time, else the largest; but none that may take long
   * begins when all others have ended.
   */
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- this is the method of the class, not that of arrays
    const sorted = super.sort(tests);
    const others = sorted.filter((test) => !startsNothing(test));
    return [
      ...sorted.filter(startsNothing),
      ...others.filter(mayTakeLong),
      ...others.filter((test) => !mayTakeLong(test)),
    ];
  }
}
