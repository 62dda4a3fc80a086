import { existsSync } from "node:fs";

/** Specs beside the code and under test/; TypeScript as ES modules, as Node runs it. */
export default {
  roots: ["mixins", "services", "test"].filter((folder) => existsSync(folder)).map((folder) => `<rootDir>/${folder}`),
  testMatch: ["**/*.spec.ts"],
  testEnvironment: "node",
  // Longer than any wait within a spec, so that it is the wait that says what did not happen.
  testTimeout: 240_000,
  // Specs wait for servers, processes and timers more than they compute: twice as many as the processors of a small machine.
  maxWorkers: 4,
  // What then still runs is a leak; a busy machine needs some time to end a process.
  workerGracefulExitTimeout: 20_000,
  extensionsToTreatAsEsm: [".ts"],
  moduleFileExtensions: ["ts", "mjs", "js", "json", "node"],
  globalSetup: "<rootDir>/scripts/jest-servers.mjs",
  setupFiles: ["<rootDir>/scripts/jest-globals.mjs"],
  setupFilesAfterEnv: ["<rootDir>/test/support/setup.ts"],
  reporters: ["default", "<rootDir>/scripts/jest-summary.mjs"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        swcrc: false,
        sourceMaps: "inline",
        module: { type: "es6" },
        jsc: {
          target: "es2024",
          parser: { syntax: "typescript" },
          transform: { verbatimModuleSyntax: true },
          experimental: { keepImportAttributes: true },
        },
      },
    ],
  },
};
