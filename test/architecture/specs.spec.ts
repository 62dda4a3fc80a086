/** Specs prove the same on each database, and what they find depends on what happened, not on how fast the machine is. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reachableFrom, root } from "../support/fixtures/source.ts";

const specs = globSync("{mixins,services,test}/**/*.{spec,fault,buses}.ts", { cwd: root })
  .toSorted()
  .map((path) => [path, readFileSync(join(root, path), "utf8")] as const);

const matching = (pattern: RegExp): string[] => specs.filter(([, text]) => pattern.test(text)).map(([path]) => path);

/** Where a duration is no measure of the product. */
const others: Readonly<Record<string, string>> = {
  "mixins/redis/cache.spec.ts": "stops that clock",
  "mixins/gateway/shared-limiter.spec.ts": "counts what comes back of a quota meanwhile",
  "test/architecture/specs.spec.ts": "looks for it",
  "test/integration/gateways.spec.ts": "compares it with a limit that is set to a minute",
  "test/buses/orders.buses.ts": "prints it, and renews tokens by it",
  "test/fault/flash-sale-cluster.fault.ts": "prints it",
};

describe("specs", () => {
  it("measure what customers wait beside what the machine takes for itself (test/support/invariants/machine-speed.ts)", () => {
    const measuring = matching(/performance\.now\(\)|hrtime|Date\.now\(\) - (?:began|started|since)/);
    const fair = new Set([...matching(/machineSpeed\.allow\(/), ...Object.keys(others)]);
    expect(measuring.filter((path) => !fair.has(path))).toEqual([]);
  });

  it("beside a service or building block that stores something run on both databases, or say why not on the first lines", () => {
    const aService =
      /^mixins\/database\/database\.mixin\.ts$|^services\/\$\{.*\.service\.ts$|\/systems\/all-services\.ts$/;
    const opening = specs.filter(
      ([path, text]) =>
        !path.startsWith("test/") &&
        (/openStorage|emptyDatabase|new SqliteDatabase/.test(text) ||
          [...reachableFrom(path)].some((file) => aService.test(file))),
    );
    expect(opening.length).toBeGreaterThan(30);
    const silent = opening.filter(
      ([, text]) => !/^(?:\/\*)? ?\*+ @databases (?:sqlite postgres(?: \*\/)?|\w+: .+)$/m.test(text),
    );
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it("have no less time than all others", () => {
    // Milliseconds below jest.config.js's.
    const short = "(?:\\d|\\d\\d|1\\d\\d|2[0-3]\\d)_?\\d{3}";
    expect(matching(new RegExp(`^ *\\}, ${short}\\);$|jest\\.setTimeout\\(${short}\\)`, "m"))).toEqual([]);
  });
});
