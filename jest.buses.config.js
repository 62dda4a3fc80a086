import { projects, run } from "./jest.config.js";

/** Buses beside NATS. Most of their servers need more than the README's commands bring. */
export default {
  ...run,
  maxWorkers: 1,
  projects: projects("test/{buses/*.buses,fault/*-bus.fault}.ts"),
};
