/** Finds the route of a request by its segments, the literal ones before parameters. */
interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  parameter?: Node<T>;
  route?: T;
}

export interface Match<T> {
  readonly route: T;
  /** Values of the path's parameters in their order, still percent-encoded. */
  readonly values: readonly string[];
}

const node = <T>(): Node<T> => ({ literals: new Map() });

function find<T>(from: Node<T>, segments: readonly string[], index: number, values: string[]): T | undefined {
  const segment = segments[index];
  if (segment === undefined) return from.route;
  const literal = from.literals.get(segment);
  const found = literal && find(literal, segments, index + 1, values);
  if (found !== undefined || !from.parameter || segment === "") return found;
  values.push(segment);
  const below = find(from.parameter, segments, index + 1, values);
  if (below === undefined) values.pop();
  return below;
}

export class Router<T> {
  readonly #roots = new Map<string, Node<T>>();

  /** @param path with parameters as `:name` */
  add(method: string, path: string, route: T): void {
    let at = this.#roots.get(method) ?? node<T>();
    this.#roots.set(method, at);
    for (const segment of path.split("/")) {
      if (segment.startsWith(":")) {
        at = at.parameter ??= node<T>();
        continue;
      }
      const next = at.literals.get(segment) ?? node<T>();
      at.literals.set(segment, next);
      at = next;
    }
    at.route = route;
  }

  /** HEAD finds what GET would. */
  match(method: string, path: string): Match<T> | undefined {
    const root = this.#roots.get(method === "HEAD" ? "GET" : method);
    if (!root) return undefined;
    const values: string[] = [];
    const route = find(root, path.split("/"), 0, values);
    return route === undefined ? undefined : { route, values };
  }

  /** Methods that a path answers to. */
  methods(path: string): string[] {
    return [...this.#roots.keys()].filter((method) => this.match(method, path));
  }
}
