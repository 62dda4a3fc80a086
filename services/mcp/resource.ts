/** The resources that are made of contracts: whatever a route shows that needs nothing but its path. */
import type { JsonSchema } from "#core/schema.ts";
import { isReading, type Offer } from "./offer.ts";

export interface Resource {
  readonly offer: Offer;
  /** A URI template (RFC 6570), such as `madang://orders/{id}`; a URI when it has no parameters. */
  readonly uri: string;
  /** Its parameters in their order. */
  readonly parameters: readonly string[];
  readonly pattern: RegExp;
}

const PARAMETER = /:(\w+)/g;

function resourceOf(offer: Offer): Resource | undefined {
  const { rest = "", input } = offer.definition;
  const path = rest.slice(rest.indexOf("/"));
  const parameters = [...path.matchAll(PARAMETER)].map(([, name]) => name!);
  const fields = Object.entries((input as JsonSchema).properties ?? {});
  const isPathAlone = fields.every(([name, { type }]) => type === "string" && parameters.includes(name));
  if (!isReading(offer.definition) || !isPathAlone) return undefined;
  const version = /^v(?!1\.)\d+/.exec(offer.action)?.[0];
  const base = `madang:/${version === undefined ? "" : `/${version}`}`;
  // Paths of routes consist of letters, digits, slashes and hyphens, which mean nothing in a pattern.
  return {
    offer,
    uri: base + path.replaceAll(PARAMETER, "{$1}"),
    parameters,
    pattern: new RegExp(`^${base}${path.replaceAll(PARAMETER, "([^/?#]+)")}$`),
  };
}

/** Those without parameters come first, so that none of them is taken for another's parameter. */
export const resourcesOf = (offers: readonly Offer[]): readonly Resource[] =>
  offers
    .flatMap((offer) => resourceOf(offer) ?? [])
    .toSorted((a, b) => a.parameters.length - b.parameters.length || (a.uri < b.uri ? -1 : 1));

export interface Found {
  readonly offer: Offer;
  readonly input: Readonly<Record<string, string>>;
}

/** Undefined for a URI that names no resource. */
export function findResource(resources: readonly Resource[], uri: string): Found | undefined {
  for (const { offer, parameters, pattern } of resources) {
    const found = pattern.exec(uri);
    if (!found) continue;
    try {
      const values = found.slice(1).map((value) => decodeURIComponent(value));
      return { offer, input: Object.fromEntries(parameters.map((name, index) => [name, values[index]!])) };
    } catch {
      return undefined;
    }
  }
  return undefined;
}
