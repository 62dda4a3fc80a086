/** Chooses edges for sessions: adds `this.routing`. What edges told is read again every second at most. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { isUsable, ttlFor } from "./edge-health.model.ts";
import * as edges from "./edge.repository.ts";
import type { Db, EdgeRow } from "./playback.tables.ts";
import { routed, type Target } from "./routing.model.ts";
import { sessionsByEdge } from "./playback.repository.ts";

/** Milliseconds for which a reading is good enough. */
const FRESH = 1000;
/** Edges that a player is told of. */
const MOST = 3;

type Edge = EdgeRow & Target;

interface Choice {
  /** Seconds after which a player should ask again. */
  readonly ttl: number;
  readonly edges: readonly { readonly id: string; readonly url: string }[];
}

export interface Routing {
  /**
   * The edges for a folder, best first; none when none is known.
   * @param present the edge of a session under way, which it keeps while that is well
   */
  choose(folder: string, region: string | null, present?: string | null): Promise<Choice>;
}

interface Host extends Service {
  readonly db: Db;
}

export const routing = (): Mixin<{ readonly routing: Routing }> =>
  mixin<{ readonly routing: Routing }, Host>({
    started() {
      addName(this, "routing", new RunningRouting(this.db));
    },
  });

class RunningRouting implements Routing {
  readonly #db: Db;
  #reading: { readonly at: number; readonly edges: Promise<readonly Edge[]> } | undefined;

  constructor(db: Db) {
    this.#db = db;
  }

  async choose(folder: string, region: string | null, present: string | null = null): Promise<Choice> {
    const all = await this.#edges();
    const time = now();
    const usable = all.filter((edge) => isUsable(edge, time));
    const near = usable.filter((edge) => region !== null && edge.region === region);
    // Where nobody is well, a player has more from one that may recover than from none.
    const candidates = [near, usable, all].find((some) => some.length > 0) ?? [];
    const order = routed(folder, candidates);
    const first = order.find(({ id }) => id === present);
    const chosen = first ? [first, ...order.filter((edge) => edge !== first)] : order;
    return {
      ttl: ttlFor(all, time),
      edges: chosen.slice(0, MOST).map(({ id, url }) => ({ id, url })),
    };
  }

  #edges(): Promise<readonly Edge[]> {
    if (!this.#reading || now() - this.#reading.at >= FRESH || now() < this.#reading.at) {
      const edges = this.#read();
      const reading = { at: now(), edges };
      this.#reading = reading;
      // A failure is not kept.
      edges.catch(() => this.#reading === reading && (this.#reading = undefined));
    }
    return this.#reading.edges;
  }

  async #read(): Promise<readonly Edge[]> {
    const [rows, counts] = await Promise.all([edges.list(this.#db), sessionsByEdge(this.#db)]);
    const loads = new Map(counts.map(({ edge_id, sessions }) => [edge_id, sessions]));
    return rows.map((row) => ({ ...row, load: loads.get(row.id) ?? 0 }));
  }
}
