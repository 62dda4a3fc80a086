import { existsSync } from "node:fs";

/** Specs beside the code and under test/; TypeScript as ES modules, as Node runs it. */
export default {
  roots: ["mixins", "services", "test"].filter((folder) => existsSync(folder)).map((folder) => `<rootDir>/${folder}`),
  testMatch: ["**/*.spec.ts"],
  testEnvironment: "node",
  testTimeout: 30_000,
  maxWorkers: 2,
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
