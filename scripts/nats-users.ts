/** The NATS users of the services: what each may do there, as its contract and its source say it must. */
import { callsOf, ownerOf, serviceNames, subscriptionsOf } from "./graph.ts";

interface Versioned {
  readonly name: string;
  readonly version: number;
  readonly edge?: boolean;
}

/** Moleculer's news for all nodes. One by one: to the server, who may subscribe to MOL.* may to MOL.> also. */
const news = ["DISCOVER", "INFO", "DISCONNECT", "HEARTBEAT", "PING"].map((topic) => `MOL.${topic}`);
/** What a node sends to any other: answers, events, introductions. */
const mail = ["MOL.RES.>", "MOL.EVENT.>", "MOL.DISCOVER.>", "MOL.INFO.>", "MOL.PING.>", "MOL.PONG.>"];

const publisher = (name: string): string[] => [
  `madang.event.${name}.>`,
  ...["CREATE", "UPDATE", "INFO"].map((verb) => `$JS.API.STREAM.${verb}.madang-${name}`),
];

/** @param group a durable consumer, `v<version>-<service>` */
const subscriber = (source: string, group: string): string[] => [
  ...["CREATE", "DURABLE.CREATE", "INFO", "DELETE", "MSG.NEXT"].map(
    (verb) => `$JS.API.CONSUMER.${verb}.madang-${source}.${group}`,
  ),
  `$JS.ACK.madang-${source}.${group}.>`,
];

/** An edge has a way to every service, and no events. */
function publishes(name: string, versions: readonly Versioned[]): string[] {
  if (versions.length === 0 || versions.some(({ edge }) => edge)) return [...news, ...mail, "MOL.REQ.>"];
  const called = new Set([name, ...callsOf(name).map(ownerOf)]);
  const sources = new Set(
    subscriptionsOf(name)
      .map(ownerOf)
      .filter((one) => serviceNames.includes(one)),
  );
  return [
    ...news,
    ...mail,
    ...[...called].toSorted().map((one) => `MOL.REQ.${one}.>`),
    ...publisher(name),
    ...[...sources].flatMap((source) => [
      `$JS.API.STREAM.INFO.madang-${source}`,
      ...versions.flatMap(({ version }) => subscriber(source, `v${version}-${name}`)),
    ]),
  ];
}

/** The variable that holds a user's password. */
export const passwordVariable = (user: string): string => `NATS_${user.toUpperCase().replaceAll("-", "_")}_PASSWORD`;

const list = (subjects: readonly string[]): string => subjects.map((subject) => `        "${subject}"\n`).join("");

const user = (name: string, versions: readonly Versioned[]): string => `  {
    user: ${name}
    password: $${passwordVariable(name)}
    permissions {
      subscribe: [
${list([...news, `MOL.*.${name}.>`, `_INBOX_${name}.>`])}      ]
      publish: [
${list(publishes(name, versions))}      ]
    }
  }
`;

/** What deploy/nats.conf includes. */
export function natsUsers(contracts: readonly Versioned[]): string {
  const users = serviceNames.map((name) =>
    user(
      name,
      contracts.filter((one) => one.name === name),
    ),
  );
  return `# Written by "npm run generate" from the contracts and from what the services call and subscribe to.
users: [
  # Nodes that run several services, operators, and Moleculer nodes from elsewhere: everything of the platform.
  {
    user: node
    password: $${passwordVariable("node")}
    permissions {
      subscribe: ["MOL.>", "madang.event.>", "_INBOX.>", "_INBOX_node.>"]
      publish: ["MOL.>", "madang.event.>", "$JS.API.>", "$JS.ACK.>"]
    }
  }
${users.join("")}]
`;
}
