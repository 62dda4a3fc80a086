const total = { passed: 0, failed: 0, skipped: 0 };

/** The last line of a test run, below Jest's own summary; a file that could not run counts as failed. */
export default class Summary {
  onRunComplete(_contexts, results) {
    total.passed += results.numPassedTests;
    total.failed += results.numFailedTests + results.numRuntimeErrorTestSuites;
    total.skipped += results.numPendingTests;
    process.off("exit", print).once("exit", print);
  }
}

function print() {
  console.log(
    `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
  );
}
