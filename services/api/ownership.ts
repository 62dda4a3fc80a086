/**
 * Decides which service owns a route. A gateway learns routes from announcements, and a node may only speak for its own
 * service, so that service must not capture another's requests. Paths of a service that this release does not know
 * belong to that service.
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
  // Shared paths end in the name of each service: `/dead-letters/notification`.
  return owner === "*" ? second === service : owner === service;
}

/** @param part of the data that is stored about a person, such as `orders` */
export function isOwnPart(service: string, part: string): boolean {
  const entry = `users/me/export#${part}`;
  return !Object.hasOwn(known, entry) || known[entry] === service;
}
