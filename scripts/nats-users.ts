/** The NATS users of the services: what each may do there, as its contracts say it must. */
import type { Contract } from "#core/contract.ts";
import { ownerOf, sourcesOf } from "#mixins/bus/nats/plan.ts";
import { nodeUses } from "#mixins/node/revocations.ts";

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

/** Of a consumer that is there: look at it, have it send the next events, and say that they are stored. */
const reader = (source: string, group: string): string[] => [
  `$JS.API.STREAM.INFO.madang-${source}`,
  `$JS.API.CONSUMER.INFO.madang-${source}.${group}`,
  `$JS.API.CONSUMER.MSG.NEXT.madang-${source}.${group}`,
  `$JS.ACK.madang-${source}.${group}.>`,
];

/** A gateway has a way to every service, and no events. */
function publishes(name: string, versions: readonly Contract[]): string[] {
  const isGateway = versions.some(({ gateway }) => gateway);
  const uses = [...nodeUses, ...versions.flatMap((one) => one.uses ?? [])];
  const called = isGateway ? ["*"] : [...new Set([name, ...uses.map(ownerOf)])].toSorted();
  const packets = [
    ...news.map((topic) => `MOL.${name}.${topic}`),
    ...mail.map((topic) => `MOL.${name}.${topic}.>`),
    ...called.map((one) => `MOL.${name}.REQ.${one}.>`),
  ];
  if (isGateway) return packets;
  const events = [`madang.event.${name}.>`, `$JS.API.STREAM.INFO.madang-${name}`];
  const groups = versions.map(({ version }) => `v${version}-${name}`);
  const sources = [...new Set(versions.flatMap(sourcesOf))].toSorted();
  return [...packets, ...events, ...sources.flatMap((one) => groups.flatMap((group) => reader(one, group)))];
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

const head = `# Written by "npm run generate" from the contracts of the services.\n`;

/** What deploy/nats.conf includes for the platform's own account. */
export function natsUsers(contracts: readonly Contract[]): string {
  const services = [...Map.groupBy(contracts, ({ name }) => name)].map(([name, versions]) =>
    user(name, [...hears(name), `_INBOX_${name}.>`], publishes(name, versions)),
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
export function natsGuests(contracts: readonly Contract[]): string {
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
${[ANY, ...new Set(contracts.map(({ name }) => name))].flatMap((name) => heard.map(to(name))).join("")}]
`;
}
