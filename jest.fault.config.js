import { common, run } from "./jest.config.js";

/** Faults injected into real clusters: slow, and one at a time, so that they do not disturb each other. */
export default {
  ...common,
  ...run,
  roots: ["<rootDir>/test/fault"],
  testMatch: ["**/*.fault.ts"],
  maxWorkers: 1,
};
