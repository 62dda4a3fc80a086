/** The routes of the HTTP API, as actions declare them by `rest`. */
import type { ActionDefinition } from "#core/contract.ts";
import type { Described } from "#mixins/gateway/registry.ts";

export interface RestRoute {
  readonly method: string;
  /** With parameters as `:name`. */
  readonly path: string;
}

/** Method and full path of an action, if it is reachable from outside. */
export function restRoute({ version }: Pick<Described, "version">, { rest }: ActionDefinition): RestRoute | undefined {
  if (!rest) return undefined;
  const [method, path] = rest.split(" ", 2) as [string, string];
  return { method, path: `/api/v${version}${path}` };
}

/** True where everything outside the path is in the body: a password must not be in a query, which others log. */
export const takesBody = (method: string): boolean => method !== "GET";
