import { common, run } from "./jest.config.js";

/** Buses over servers that need more than the README's commands bring. */
export default {
  ...common,
  ...run,
  roots: ["<rootDir>/mixins/bus"],
  testMatch: ["**/*.buses.ts"],
  maxWorkers: 1,
};
