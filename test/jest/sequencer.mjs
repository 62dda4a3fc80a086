/** Runs fast specs first, then long ones, so that no worker is left alone with a long one at the end. */
import TestSequencer from "@jest/test-sequencer";

/** The three groups: specs that start nothing, those of many parts together, and those of one service or building block. */
function groupOf({ path, context: { config } }) {
  if (config.displayName.name === "postgres") return 2;
  return /\.model\.spec\.ts$|\/test\/architecture\//.test(path) ? 0 : /\/test\//.test(path) ? 1 : 2;
}

export default class Sequencer extends TestSequencer {
  /** Within a group, what failed last time comes first, and then what took longest. */
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the class that sorts, into a list of its own
    const sorted = super.sort(tests);
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b));
  }
}
