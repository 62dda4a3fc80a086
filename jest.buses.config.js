import { projects, run } from "./jest.config.js";

/** Buses over servers that need more than the README's commands bring. */
export default {
  ...run,
  maxWorkers: 1,
  projects: projects("test/buses/*.buses.ts"),
};
