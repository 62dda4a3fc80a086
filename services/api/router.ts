/** Finds the entry of a path by its segments; literal segments come before parameters. */
interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  parameter?: Node<T>;
  readonly routes: Map<string, T>;
}

export interface Match<T> {
  /** Undefined when the path does not have the method. */
  readonly route: T | undefined;
  readonly routes: ReadonlyMap<string, T>;
  /** Values of the path's parameters in their order, still percent-encoded. */
  readonly values: readonly string[];
}

const node = <T>(): Node<T> => ({ literals: new Map(), routes: new Map() });

function find<T>(from: Node<T>, segments: readonly string[], index: number, values: string[]): Node<T> | undefined {
  const segment = segments[index];
  if (segment === undefined) return from.routes.size > 0 ? from : undefined;
  const literal = from.literals.get(segment);
  const found = literal && find(literal, segments, index + 1, values);
  if (found !== undefined || !from.parameter || segment === "") return found;
  values.push(segment);
  const below = find(from.parameter, segments, index + 1, values);
  if (below === undefined) values.pop();
  return below;
}

export class Router<T> {
  readonly #root = node<T>();

  /** @param path with parameters as `:name` */
  add(method: string, path: string, route: T): void {
    let at = this.#root;
    for (const segment of path.split("/")) {
      if (segment.startsWith(":")) {
        at = at.parameter ??= node<T>();
        continue;
      }
      const next = at.literals.get(segment) ?? node<T>();
      at.literals.set(segment, next);
      at = next;
    }
    at.routes.set(method, route);
  }

  /**
   * The entry of a path; undefined when there is none. A literal path wins whatever its methods are, so `/users/me`
   * never falls back to `/users/:id`. HEAD finds the entry of GET.
   */
  match(method: string, path: string): Match<T> | undefined {
    const values: string[] = [];
    const found = find(this.#root, path.split("/"), 0, values);
    if (!found) return undefined;
    const { routes } = found;
    return { route: routes.get(method === "HEAD" ? "GET" : method), routes, values };
  }
}
