import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What every project shares: TypeScript as ES modules, as Node runs it. */
export const common = {
  // Of compiled modules, and of how long each file took: kept for the next run.
  cacheDirectory: "<rootDir>/node_modules/.cache/madang/jest",
  testEnvironment: "<rootDir>/test/jest/environment.mjs",
  extensionsToTreatAsEsm: [".ts"],
  moduleFileExtensions: ["ts", "mjs", "js", "json", "node"],
  globalSetup: "<rootDir>/test/jest/servers.mjs",
  setupFiles: ["<rootDir>/test/jest/globals.mjs"],
  setupFilesAfterEnv: ["<rootDir>/test/support/setup.ts"],
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

/** What concerns the run and not a project. */
export const run = {
  // Longer than any wait within a spec, so that it is the wait that says what did not happen.
  testTimeout: 240_000,
  // What then still runs is a leak; a busy machine needs some time to end a process.
  workerGracefulExitTimeout: 20_000,
  // Modules of earlier files are not freed. A worker of a gigabyte spends more time on them than another takes to start.
  workerIdleMemoryLimit: "512MB",
  reporters: ["default", "<rootDir>/test/jest/summary.mjs"],
};

/** The databases that the first lines of a spec name after `@databases`; a spec that names none opens no database, or SQLite's. */
function databasesOf(spec) {
  const named = /^(?:\/\*)? ?\*+ @databases ((?:sqlite|postgres| )+)/m.exec(readFileSync(spec, "utf8"))?.[1];
  return named?.trim().split(/ +/) ?? ["sqlite"];
}

/** The projects of the files of this pattern: each file on each of its databases. */
export function projects(pattern) {
  const specs = globSync(pattern, { cwd: import.meta.dirname });
  const on = (database) =>
    specs
      .filter((spec) => databasesOf(join(import.meta.dirname, spec)).includes(database))
      .map((spec) => `<rootDir>/${spec}`);
  return [
    { ...common, displayName: "sqlite", testMatch: on("sqlite") },
    {
      ...common,
      displayName: "postgres",
      testMatch: on("postgres"),
      globalSetup: "<rootDir>/test/jest/postgres.mjs",
      globalTeardown: "<rootDir>/test/jest/postgres.end.mjs",
      testEnvironment: "<rootDir>/test/jest/postgres.environment.mjs",
    },
  ];
}

/** Specs beside the code and under test/, on each of their databases. */
export default {
  ...run,
  // Specs wait for servers, processes and timers more than they compute: twice as many as the processors of a small machine.
  maxWorkers: 4,
  testSequencer: "<rootDir>/test/jest/sequencer.mjs",
  projects: projects("{mixins,services,test}/**/*.spec.ts"),
};
