import { common, run } from "./jest.config.js";

/** Clients made of the OpenAPI document and of the .proto files in other languages, where their tools are: Java with Maven, Python and Go. */
export default {
  ...common,
  ...run,
  roots: ["<rootDir>/test/clients"],
  testMatch: ["**/*.clients.ts"],
  testTimeout: 600_000,
  maxWorkers: 1,
};
