import { common, run } from "./jest.config.js";

/** The deployment of docker-compose.yml on a container engine, step after step. */
export default {
  ...common,
  ...run,
  roots: ["<rootDir>/test/compose"],
  testMatch: ["**/*.compose.ts"],
  globalSetup: "<rootDir>/test/jest/engine.mjs",
  testTimeout: 600_000,
  maxWorkers: 1,
};
