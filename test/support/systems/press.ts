/** A press whose jobs store a note each time that they take effect, and the nodes that run them, by a clock that stands still. */
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import Type from "typebox";
import { defineContract, job } from "#core/contract.ts";
import { HOUR } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { implement, type Mixin } from "#core/implement.ts";
import type { JobRun } from "#core/job-run.ts";
import { Strict, Text } from "#core/schema.ts";
import type { Database } from "#mixins/database/database.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { jobs as jobsBlock } from "#mixins/jobs/jobs.contract.ts";
import { type Jobs, type JobTables, jobs } from "#mixins/jobs/jobs.mixin.ts";
import { Clock } from "../fixtures/clock.ts";
import { eventually } from "../fixtures/eventually.ts";
import { startBroker } from "./broker.ts";
import { newDatabase } from "./database-clock.ts";
import { localService } from "./local-service.ts";
import { allNotes, insertNote, migrations, note, type NoteTables } from "./notes-service.ts";

const plain = { summary: "A job", input: Strict({ text: Text(50) }) } as const;

export const press = defineContract("press", {
  summary: "Jobs of specs",
  blocks: [jobsBlock],
  jobs: {
    print: job({ ...plain, output: Type.Object({ pages: Type.Integer() }), attempts: 3 }),
    bulk: job(plain),
    bind: job({ ...plain, concurrency: 2 }),
    ship: job({ ...plain, rate: 2, keep: HOUR }),
    write: job({ ...plain, personal: true }),
    tidy: job({ summary: "Tidies up", input: Strict({}), cron: "*/5 * * * *" }),
  },
  actions: {},
});
/** Milliseconds. */
const MINUTE = 60_000;
const FIVE = 5 * MINUTE;

export type PressJobs = Jobs<(typeof press)["jobs"]>;
type Tables = NoteTables & JobTables;

export interface PressHost {
  readonly db: Database<Tables>;
  readonly jobs: PressJobs;
}

/** An attempt at a job, and the node that made it. */
export interface Begun {
  readonly kind: string;
  readonly run: JobRun;
  readonly node: string;
}
type Work = (begun: Begun) => unknown;

/** Each job stores one note with its end, after what the spec has it do. */
export function pressService(work: Work, ...mixins: readonly Mixin[]): ServiceSchema {
  const handle = (kind: string) =>
    async function (this: Service, run: JobRun) {
      const node = this.broker.nodeID;
      await work({ kind, run, node });
      return { result: { pages: 1 }, writes: [insertNote.with(note(newId(), { owner: node, text: run.id }))] };
    };
  return implement(press, {
    mixins: [database<Tables>({ migrations }), ...mixins, jobs(press)],
    actions: {},
    jobs: {
      print: handle("print"),
      bulk: handle("bulk"),
      bind: handle("bind"),
      ship: handle("ship"),
      write: handle("write"),
      tidy: handle("tidy"),
    },
  });
}

export class Press {
  readonly brokers: ServiceBroker[] = [];
  readonly begun: Begun[] = [];
  readonly clock = new Clock();
  /** The last time of `tidy`, in milliseconds since the epoch. */
  readonly fives: number;
  readonly #moveDatabase: (milliseconds: number) => Promise<void>;
  #started = -1;
  /** What a job does before it takes effect; specs replace it. */
  work: Work = () => {};

  private constructor(fives: number, moveDatabase: (milliseconds: number) => Promise<void>) {
    this.fives = fives;
    this.#moveDatabase = moveDatabase;
  }

  /** All clocks stand, a minute after a time of `tidy`: close to the real time, by which tokens expire. */
  static async open(): Promise<Press> {
    const fives = Date.now() - (Date.now() % FIVE);
    const opened = new Press(fives, await newDatabase("press", fives + MINUTE));
    opened.clock.stop();
    opened.clock.advance(fives + MINUTE - Date.now());
    return opened;
  }

  async start(nodeID = `node-${(this.#started += 1)}`, ...mixins: readonly Mixin[]): Promise<ServiceBroker> {
    const work = async (begun: Begun) => {
      this.begun.push(begun);
      await this.work(begun);
    };
    const broker = await startBroker([pressService(work, ...mixins)], { nodeID });
    this.brokers.push(broker);
    return broker;
  }

  /** Stops one of the nodes, the first by default. */
  async stop(index = 0): Promise<void> {
    const [broker] = this.brokers.splice(index, 1);
    await broker!.stop();
  }

  async close(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.stop()));
    jest.restoreAllMocks();
  }

  /** The service on the first node. */
  get host(): PressHost {
    return this.hostOf(0);
  }

  hostOf(index: number): PressHost {
    return localService(this.brokers[index]!, "press");
  }

  /** Adds a job that has the kind's usual input, on the first node, which then runs it; answers its id. */
  async add(
    kind: "print" | "bulk" | "bind" | "ship" = "print",
    options: Parameters<PressJobs["add"]>[2] = {},
    { db, jobs } = this.host,
  ): Promise<string> {
    const id = newId();
    await db.write(async (tx) => tx.add(jobs.add(kind, { text: "Tea" }, { id, ...options })));
    return id;
  }

  /** Moves all clocks on. */
  async advance(milliseconds: number): Promise<void> {
    await this.#moveDatabase(milliseconds);
    this.clock.advance(milliseconds);
  }

  async job(id: string) {
    return this.host.db.query.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst();
  }

  all() {
    return this.host.db.query.selectFrom("jobs").selectAll().orderBy("id").execute();
  }

  /** Resolves when the job is in this state. */
  becomes(id: string, state: string) {
    return eventually(async () => {
      const row = await this.job(id);
      return row?.state === state ? row : undefined;
    });
  }

  /** Lets the time of each pause of a job pass until it is in this state. No lease ends by that. */
  becomesInTime(id: string, state: string) {
    return eventually(async () => {
      const row = await this.job(id);
      if (row?.state === "waiting") await this.advance(Math.max(0, row.next_at! - Date.now()));
      return row?.state === state ? row : undefined;
    });
  }

  /** Which jobs have taken effect, each once for each time, and the node that stored it. */
  async effects(): Promise<readonly { readonly job: string; readonly node: string }[]> {
    return (await this.host.db.all(allNotes, {})).map(({ text, owner }) => ({ job: text!, node: owner }));
  }

  /** What has begun of a job. */
  attemptsOf(id: string): readonly Begun[] {
    return this.begun.filter(({ run }) => run.id === id);
  }
}

/** Keeps a job at work until the spec ends it. */
export function held(): { readonly wait: () => Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: () => promise, end: resolve };
}
