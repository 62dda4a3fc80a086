/** The last line of a test run, below Jest's own summary; a file that could not run counts as failed. */
export default class Summary {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : "";
    process.once("exit", () => console.log(`\n${results.numPassedTests} passed, ${failed} failed${skipped}`));
  }
}
