/** docker-compose.yml and deploy/.env.example: the containers of deploy/topology.ts in the words of Compose. */
import { isDeepStrictEqual } from "node:util";
import { Alias, Document, type Scalar, visit, type YAMLMap } from "yaml";
import { confined, type Container, node, patience, sharedSecrets, variables } from "../deploy/container.ts";
import { containers, services } from "../deploy/topology.ts";

type Words = Readonly<Record<string, unknown>>;

/** What Compose has another word for, or does not need to know. */
const ours = new Set(["about", "address", "asks", "files", "health", "limits", "listens", "nodes", "port", "replicas"]);

/** Secrets that are mounted into a container. */
const secretsOf = ({ secrets = {}, files = [] }: Container): readonly string[] => [...Object.values(secrets), ...files];

/** A container in the words of Compose. */
function translated(container: Container): Words {
  const { limits, replicas, health, secrets = {} } = container;
  const settings = Object.entries(secrets).map(([name, secret]) => [`${name}_FILE`, `/run/secrets/${secret}`]);
  const environment = { ...container.environment, ...Object.fromEntries(settings) };
  const mounted = secretsOf(container);
  return {
    ...Object.fromEntries(Object.entries(container).filter(([word]) => !ours.has(word))),
    ...(Object.keys(environment).length > 0 && { environment }),
    ...(mounted.length > 0 && { secrets: mounted }),
    ...(health && { healthcheck: { "<<": new Alias("health"), test: health } }),
    ...(health === null && { healthcheck: { disable: true } }),
    deploy: { ...(replicas && { replicas: `\${${replicas.join(":-")}}` }), resources: { limits } },
  };
}

const shared = translated(node);

/** A container without what it has from those of its kind. */
function stanza(container: Container): Words {
  const words = translated(container);
  if (container.image !== node.image) return { "<<": new Alias("common"), ...words };
  const own = Object.entries(words).filter(([word, value]) => !isDeepStrictEqual(value, shared[word]));
  return { "<<": new Alias("node"), ...Object.fromEntries(own) };
}

/** All of them in the order of the alphabet, each once. */
const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
/** Volumes that are no files of this machine. */
const volumesOf = ({ volumes = [] }: Container): readonly string[] =>
  volumes.filter((volume) => !volume.startsWith(".")).map((volume) => volume.split(":")[0]!);

const head = ` Written by "npm run generate" from deploy/topology.ts, which says why: change that.

 Madang as many containers: every service by itself, over NATS, PostgreSQL and Redis, behind HAProxy.

   node deploy/secrets.mjs                  once: makes deploy/secrets
   docker compose up --detach --build
   docker compose run --rm seed             demo data, if wanted
   docker compose run --rm admin you@example.com    an administrator

 Docker Engine 25 or newer. Sized for a machine with 4 cores and 8 GB. A file .env beside this one says how many nodes
 each service has, and more: deploy/.env.example lists it.`;

type Section = YAMLMap<Scalar<string>, YAMLMap>;

/** The text, with a free line before each section and each stanza; what is short stands in one line. */
function written(content: Words): string {
  // Compose takes a bare `no` for false, as this version of YAML does.
  const document = new Document(content, { version: "1.1", aliasDuplicateObjects: false });
  document.commentBefore = head;
  const sections = (document.contents as unknown as Section).items;
  for (const { key, value } of sections) if (key.value.startsWith("x-")) value!.anchor = key.value.slice(2);
  for (const list of [sections, (document.get("services") as Section).items])
    for (const [index, { key }] of list.entries()) {
      const about = containers[key.value]?.about;
      key.spaceBefore = index > 0;
      if (about) key.commentBefore = ` ${about}`;
    }
  visit(document, {
    Scalar(place, scalar) {
      // Some parsers take a colon within braces for the end of a key.
      if (place !== "key" && /[^\w./-]/.test(String(scalar.value))) scalar.type = "QUOTE_DOUBLE";
    },
    Collection(_, collection, path) {
      collection.flow = path.length >= 5 && JSON.stringify(collection.toJS(document)).length <= 110;
    },
  });
  return document.toString({ lineWidth: 120, nullStr: "" });
}

export function composeFile(): string {
  const all = Object.values(containers);
  return written({
    name: "madang",
    "x-common": confined,
    "x-health": patience,
    "x-node": { "<<": new Alias("common"), ...shared },
    services: Object.fromEntries(Object.entries(containers).map(([name, container]) => [name, stanza(container)])),
    // The second is without a way out of the machine.
    networks: { edge: null, backend: { internal: true } },
    volumes: Object.fromEntries(distinct(all.flatMap(volumesOf)).map((name) => [name, null])),
    secrets: Object.fromEntries(
      distinct([...sharedSecrets, ...all.flatMap(secretsOf)]).map((name) => [name, { file: `deploy/secrets/${name}` }]),
    ),
  });
}

/** What deploy/.env.example says. */
export function composeSettings(): string {
  const counts = Object.values(services).map(({ replicas }) => `#${replicas!.join("=")}\n`);
  const rest = Object.entries(variables).map(([name, [value, about]]) => `# ${about}\n#${name}=${value}\n`);
  return `# What docker-compose.yml takes from the environment or from a file .env beside it, with its defaults.
# Other settings (see .env.example): in a docker-compose.override.yml, under a service's \`environment\`.

# How many nodes each service has: \`docker compose up --detach\` makes it so.
${counts.join("")}${rest.join("")}`;
}
