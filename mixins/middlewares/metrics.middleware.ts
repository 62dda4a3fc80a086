/** Counts and measures every call of an action in plain numbers. Text is made only when it is read. */
import type { ServiceBroker } from "moleculer";
import { perBroker } from "../node/per-broker.ts";
import { type Handler, middleware } from "./middleware.ts";

/** Upper bounds in milliseconds. */
const BOUNDS = [1, 5, 25, 100, 500, 2500];

class ActionMetrics {
  readonly name: string;
  readonly #buckets = new Float64Array(BOUNDS.length + 1);
  readonly #errors = new Map<string, number>();
  #sum = 0;
  #active = 0;

  constructor(name: string) {
    this.name = name;
  }

  get isUsed(): boolean {
    return this.#active > 0 || this.#buckets.some((count) => count > 0);
  }

  begin(): number {
    this.#active += 1;
    return performance.now();
  }

  end(began: number, error?: { readonly type?: string; readonly name: string }): void {
    const elapsed = performance.now() - began;
    let bucket = 0;
    while (bucket < BOUNDS.length && elapsed > BOUNDS[bucket]!) bucket += 1;
    this.#buckets[bucket]! += 1;
    this.#sum += elapsed;
    this.#active -= 1;
    if (!error) return;
    const code = error.type ?? error.name;
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  *lines(): Iterable<string> {
    const { name } = this;
    let count = 0;
    for (const [index, bound] of [...BOUNDS, Infinity].entries()) {
      count += this.#buckets[index]!;
      const le = bound === Infinity ? "+Inf" : bound / 1000;
      yield `madang_action_duration_seconds_bucket{action="${name}",le="${le}"} ${count}`;
    }
    yield `madang_action_duration_seconds_count{action="${name}"} ${count}`;
    yield `madang_action_duration_seconds_sum{action="${name}"} ${this.#sum / 1000}`;
    yield `madang_action_active{action="${name}"} ${this.#active}`;
    for (const [code, n] of this.#errors) yield `madang_action_errors_total{action="${name}",code="${code}"} ${n}`;
  }
}

const actionsOf = perBroker(() => new Map<string, ActionMetrics>());

/** The figures of this node's called actions since it started, in Prometheus's text format 0.0.4. */
export const actionMetrics = (broker: ServiceBroker): string =>
  [
    "# HELP madang_action_duration_seconds How long actions took.",
    "# TYPE madang_action_duration_seconds histogram",
    ...Iterator.from(actionsOf(broker).values())
      .filter(({ isUsed }) => isUsed)
      .flatMap((action) => action.lines()),
  ].join("\n");

export const metrics = middleware((broker) => {
  const actions = actionsOf(broker);
  const localAction = (next: Handler, { name }: { name: string }): Handler => {
    // Moleculer wraps each action twice: for calls through the broker, and for calls within the service.
    const action = actions.get(name) ?? new ActionMetrics(name);
    actions.set(name, action);
    return (ctx) => {
      const began = action.begin();
      return next(ctx).then(
        (answer) => {
          action.end(began);
          return answer;
        },
        (error: Error) => {
          action.end(began, error);
          throw error;
        },
      );
    };
  };
  return { name: "ActionMetrics", localAction };
});
