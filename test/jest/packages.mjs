/**
 * Jest loads every module anew for each spec file, in a context of its own. Half of them were those of the packages below
 * (typebox and kysely have 900 modules), which no spec changes. So a worker loads these once, by Node's own loader, and
 * hands them to its spec files as a mock hands its module: a third of what a short spec file costs.
 *
 * They see the classes of the worker and not those of the spec file: there, `instanceof Error` is false for what they
 * throw, as it is for errors of Node's own modules. That is why moleculer, which asks for `instanceof Error` and for
 * `Object.prototype`, and lodash, with which it makes objects, are not among them; nor is uuid, whose clock specs turn.
 */
import { createRequire } from "node:module";
import { types } from "node:util";

const shared = [
  ["typebox", "typebox/compile", "typebox/format", "typebox/value", "kysely", "kysely/migration", "pg", "jose"],
  ["ioredis", "nats", "@platformatic/kafka", "rabbitmq-client", "@bufbuild/protobuf", "@bufbuild/protobuf/wkt"],
  ["nodemailer", "args", "fastest-validator", "@seald-io/nedb"],
].flat();

const load = createRequire(import.meta.url);

/** What `import` gives of a package: of a CommonJS module, also the whole as its default. */
function imported(name) {
  const loaded = load(name);
  return types.isModuleNamespaceObject(loaded) ? loaded : { ...loaded, default: loaded };
}

/** Gives a spec file the packages of its worker; none is loaded before it is asked for. */
export function sharePackages(jest) {
  for (const name of shared) {
    jest.unstable_mockModule(name, () => imported(name));
    // For packages that ask by `require`.
    jest.mock(name, () => load(name));
  }
}
