import base from "./jest.config.js";

/** The deployment of docker-compose.yml on a container engine, step after step. */
export default {
  ...base,
  roots: ["<rootDir>/test/compose"],
  testMatch: ["**/*.compose.ts"],
  globalSetup: "<rootDir>/scripts/jest-engine.mjs",
  testTimeout: 600_000,
  maxWorkers: 1,
};
