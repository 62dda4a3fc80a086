/** The NATS users of the services: what each may do there, as its contract and its source say it must. */
import type { StreamPlan } from "#mixins/bus/nats/deployment.ts";
import { callsOf, ownerOf, serviceNames, subscriptionsOf } from "./graph.ts";

interface Versioned {
  readonly name: string;
  readonly version: number;
  readonly gateway?: boolean;
}

/** Moleculer's news for all nodes. */
const news = ["DISCOVER", "INFO", "DISCONNECT", "HEARTBEAT", "PING"];
/** What a node sends to any other: answers, events, introductions. */
const mail = ["RES", "EVENT", "DISCOVER", "INFO", "PING", "PONG"];
/** What a guest sends to a node: nobody asks it. */
const guestMail = ["REQ", "DISCOVER", "INFO", "PING", "PONG"];
/** The user of nodes with several services, and of operators: it may act as any service. */
const ANY = "node";
const GUEST = "guest";
/** The user that makes streams and their consumers. */
const STREAMS = "streams";

/** Services whose events a service subscribes to. @throws Error when its own are among them */
function sourcesOf(name: string): readonly string[] {
  const sources = new Set(subscriptionsOf(name).map(ownerOf));
  // With a consumer on its own stream it could have the server send what it published to any subject, in anybody's name.
  if (sources.has(name))
    throw new Error(`${name} must not subscribe to its own events: NATS would let it forge others'.`);
  return serviceNames.filter((one) => sources.has(one));
}

const isGateway = (versions: readonly Versioned[]): boolean =>
  versions.length === 0 || versions.some(({ gateway }) => gateway === true);

const contractsOf = (contracts: readonly Versioned[], name: string): readonly Versioned[] =>
  contracts.filter((one) => one.name === name);

/** Every service with events: the streams that must be there. */
export const streamPlans = (contracts: readonly Versioned[]): readonly StreamPlan[] =>
  serviceNames
    .filter((source) => !isGateway(contractsOf(contracts, source)))
    .map((source) => ({
      source,
      groups: contracts
        .filter(({ name, gateway }) => !gateway && sourcesOf(name).includes(source))
        .map(({ name, version }) => `v${version}-${name}`),
    }));

/** Of a consumer that is there: look at it, have it send the next events, and say that they are stored. */
const reader = (source: string, group: string): string[] => [
  `$JS.API.STREAM.INFO.madang-${source}`,
  `$JS.API.CONSUMER.INFO.madang-${source}.${group}`,
  `$JS.API.CONSUMER.MSG.NEXT.madang-${source}.${group}`,
  `$JS.ACK.madang-${source}.${group}.>`,
];

/** A gateway has a way to every service, and no events. */
function publishes(name: string, versions: readonly Versioned[]): string[] {
  const called = isGateway(versions) ? ["*"] : [...new Set([name, ...callsOf(name).map(ownerOf)])].toSorted();
  const packets = [
    ...news.map((topic) => `MOL.${name}.${topic}`),
    ...mail.map((topic) => `MOL.${name}.${topic}.>`),
    ...called.map((one) => `MOL.${name}.REQ.${one}.>`),
  ];
  if (isGateway(versions)) return packets;
  const events = [`madang.event.${name}.>`, `$JS.API.STREAM.INFO.madang-${name}`];
  const groups = versions.map(({ version }) => `v${version}-${name}`);
  return [...packets, ...events, ...sourcesOf(name).flatMap((one) => groups.flatMap((group) => reader(one, group)))];
}

const hears = (name: string): string[] => [...news.map((topic) => `MOL.*.${topic}`), `MOL.*.*.${name}.>`];

/** The variable that holds a user's password. */
export const passwordVariable = (user: string): string => `NATS_${user.toUpperCase().replaceAll("-", "_")}_PASSWORD`;

const list = (subjects: readonly string[]): string => subjects.map((subject) => `        "${subject}"\n`).join("");

const user = (name: string, subscribe: readonly string[], publish: readonly string[]): string => `  {
    user: ${name}
    password: $${passwordVariable(name)}
    permissions {
      subscribe: [
${list(subscribe)}      ]
      publish: [
${list(publish)}      ]
    }
  }
`;

const any = user(
  ANY,
  ["MOL.*.>", `_INBOX_${ANY}.>`],
  [
    `MOL.${ANY}.>`,
    "madang.event.>",
    "$JS.API.STREAM.INFO.*",
    "$JS.API.CONSUMER.INFO.*.*",
    "$JS.API.CONSUMER.MSG.NEXT.*.*",
    "$JS.ACK.>",
  ],
);

const streams = user(
  STREAMS,
  [`_INBOX_${STREAMS}.>`],
  [
    ...["CREATE", "UPDATE", "INFO"].map((verb) => `$JS.API.STREAM.${verb}.*`),
    ...["CREATE", "DURABLE.CREATE", "INFO", "DELETE"].map((verb) => `$JS.API.CONSUMER.${verb}.>`),
  ],
);

/** What guests say to all, and to one node. */
const said = [...news, ...guestMail.map((topic) => `${topic}.>`)];

const head = `# Written by "npm run generate" from the contracts and from what the services call and subscribe to.\n`;

/** What deploy/nats.conf includes for the platform's own account. */
export function natsUsers(contracts: readonly Versioned[]): string {
  const services = serviceNames.map((name) =>
    user(name, [...hears(name), `_INBOX_${name}.>`], publishes(name, contractsOf(contracts, name))),
  );
  const from = (subject: string, to: string) =>
    `  { stream: { account: GUEST, subject: "${subject}" }, to: "${to}" }\n`;
  return `${head}users: [
  # Nodes that run several services, and operators: they are believed for every service.
${any}  # Makes the streams and their consumers, which no service may.
${streams}${services.join("")}]
# What guests say, under the name of a guest.
imports: [
${said.map((topic) => from(`SAID.${topic}`, `MOL.${GUEST}.${topic}`)).join("")}]
exports: [
${[...news.map((topic) => `MOL.*.${topic}`), `MOL.*.*.${GUEST}.>`]
  .map((subject) => `  { stream: "${subject}", accounts: [GUEST] }\n`)
  .join("")}]
`;
}

/** The account of Moleculer nodes from elsewhere, which know nothing of senders in subjects. */
export function natsGuests(): string {
  const topics = ["RES", "EVENT"].map((topic) => `MOL.${topic}.${GUEST}.>`);
  const guest = user(
    GUEST,
    [...news.map((topic) => `MOL.${topic}`), `MOL.*.${GUEST}.>`],
    [...said.flatMap((topic) => [`MOL.${topic}`, `SAID.${topic}`]), ...topics],
  );
  const to = (name: string) => (subject: string) =>
    `  { stream: { account: APP, subject: "MOL.${name}.${subject}" }, to: "MOL.${subject}" }\n`;
  const heard = [...news, ...mail.map((topic) => `${topic}.${GUEST}.>`)];
  return `${head}users: [
${guest}]
# What guests say has a subject of its own. Under the one by which they hear the platform, NATS takes the way there and back for a
# cycle, and refuses to start if it reads this account first, which is a matter of chance.
mappings: {
${said.map((topic) => `  "MOL.${topic}": "SAID.${topic}"\n`).join("")}}
exports: [{ stream: "SAID.>", accounts: [APP] }]
# What nodes say to all and to guests, as a stock node expects it.
imports: [
${[ANY, ...serviceNames].flatMap((name) => heard.map(to(name))).join("")}]
`;
}
