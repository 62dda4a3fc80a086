import { projects, run } from "./jest.config.js";

/** Buses beside NATS. Most of their servers need more than the README's commands bring. */
export default {
  ...run,
  maxWorkers: 1,
  // A spec waits for many things in turn, and each wait has a limit of its own.
  testTimeout: 1_800_000,
  projects: projects("test/{buses/*.buses,fault/*-bus.fault}.ts"),
};
