/**
 * Whose routes are whose. A gateway learns routes from what nodes announce, and a node is believed for its own service only:
 * that service must not lead another's requests to itself. Paths of a service that this gateway's release does not know
 * are that service's.
 */
import owners from "./owners.generated.json" with { type: "json" };

const known: Readonly<Record<string, string>> = owners;

/** @param path of an announced route, such as `/api/v1/orders/:id` */
export function isOwnPath(service: string, path: string): boolean {
  const parts = path.split("/").slice(3);
  const [first = "", second] = parts;
  if (first === "" || first.startsWith(":")) return false;
  const entry = [parts.join("/"), first].find((name) => Object.hasOwn(known, name));
  const owner = entry === undefined ? service : known[entry];
  // What several have is named after each: `/dead-letters/notification`.
  return owner === "*" ? second === service : owner === service;
}

/** @param part of what is kept about somebody, such as `orders` */
export function isOwnPart(service: string, part: string): boolean {
  const entry = `users/me/export#${part}`;
  return !Object.hasOwn(known, entry) || known[entry] === service;
}
