/** The upgrade's fault test takes minutes and runs seldom, so what it changes in the source is looked for in each run. */
import { NextRelease } from "../support/systems/next-release.ts";

it("finds every place that the next release changes", () => {
  expect(() => new NextRelease().dispose()).not.toThrow();
});
