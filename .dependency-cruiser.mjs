/** Who may import whom: the structure of docs/ as rules. Type-only imports count too. */
const code = "^(mixins|services|scripts)/|^moleculer\\.config\\.ts$";
const spec = "\\.spec\\.ts$";

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

export default {
  forbidden: [
    rule("no-circles", "A circle hides which file needs which.", {}, { circular: true }),
    rule("no-unresolvable", "Every import must lead to a file or an installed package.", {}, { couldNotResolve: true }),
    rule(
      "no-service-to-service",
      "A service imports mixins and its own folder; other services are called through the broker.",
      { path: "^services/([^/]+)/" },
      { path: "^services/", pathNot: "^services/$1/" },
    ),
    rule("no-mixin-to-service", "Mixins know no service.", { path: "^mixins/" }, { path: "^services/" }),
    rule(
      "gateways-alone-know-gateways",
      "What gateways share is for those who take requests of people.",
      { path: "^(?:mixins/(?!(?:gateway|http)/)|services/(?!(?:api|edge|grpc|mcp|web)/))", pathNot: spec },
      { path: "^mixins/gateway/" },
    ),
    rule(
      "gateways-share-no-protocol",
      "What gateways share is of no protocol: each translates for its own.",
      { path: "^mixins/gateway/", pathNot: spec },
      { path: "^(?:node:)?https?2?$" },
    ),
    rule(
      "core-stands-alone",
      "mixins/core is below everything else in mixins/.",
      { path: "^mixins/core/" },
      { path: "^mixins/", pathNot: "^mixins/core/" },
    ),
    rule(
      "client-stands-alone",
      "The typed client is a package that others install: it has nothing of the platform but what is generated into it.",
      { path: "^clients/" },
      { pathNot: "^clients/|node_modules/eventsource-parser/" },
    ),
    rule(
      "no-test-in-production",
      "Production code never imports tests, benchmarks or specs.",
      { path: code, pathNot: spec },
      { path: ["^(test|bench)/", spec] },
    ),
    rule(
      "no-script-in-production",
      "Nothing that runs in production stands in scripts/ or deploy/.",
      { path: "^(mixins|services)/|^moleculer\\.config\\.ts$", pathNot: spec },
      { path: "^(scripts|deploy)/" },
    ),
    rule(
      "servers-read-no-topology",
      "Whoever starts a server sets the node's settings afterwards; they are read when topology.ts is loaded.",
      { path: "^scripts/cluster/servers\\.ts$" },
      { path: "^mixins/node/topology\\.ts$", reachable: true },
    ),
    rule(
      "no-dev-dependency-in-production",
      "What runs in production is listed under dependencies.",
      { path: code, pathNot: [spec, "^scripts/compose\\.ts$"] },
      { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["npm"] },
    ),
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "^node_modules/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".js", ".json"],
      conditionNames: ["node", "import", "default", "types"],
      exportsFields: ["exports"],
    },
  },
};
