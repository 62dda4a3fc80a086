/** The asking side: how one order is passed on by each pattern. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Redis } from "ioredis";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { Pool } from "undici";
import { withKey, workContext } from "#core/context.ts";
import { implement } from "#core/implement.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { type Jobs, type JobTables, jobs } from "#mixins/jobs/jobs.mixin.ts";
import { type Outbox, type OutboxTable, outbox } from "#mixins/outbox/outbox.mixin.ts";
import { protoOf } from "../../services/grpc/proto.model.ts";
import { protoText } from "../../services/grpc/proto.text.ts";
import { GrpcClient } from "../../test/support/actors/grpc-client.ts";
import { depot, ITEMS, type Order, PAGE, shop } from "./contracts.ts";
import { CHANNEL } from "./depot.ts";

type Tables = JobTables & OutboxTable;
type Host = Service & {
  readonly db: Database<Tables>;
  readonly jobs: Jobs<(typeof shop)["jobs"]>;
  readonly outbox: Outbox;
};

export const shopService = (): ServiceSchema =>
  implement(shop, {
    mixins: [database<Tables>(), outbox(), jobs(shop)],
    actions: {},
    jobs: {
      async reserve({ ctx, input, key }) {
        await ctx.call("depot.reserve", input, withKey(key));
      },
    },
  });

/** How an order reaches the depot. */
export interface Way {
  /** Resolves when the depot has answered, or when the order is safe on its way to it. */
  readonly pass: (order: Order) => Promise<unknown>;
  /** False when the caller does not learn from `pass` that stock is held. */
  readonly isAnswered: boolean;
  /** Brings ITEMS items from one side to the other, where that is done in another way than one by one. */
  readonly stream?: () => Promise<unknown>;
}

const open: Readonly<Record<string, (broker: ServiceBroker) => Way>> = { call, http, grpc, job: byJob, event, pubsub };

/** The way that begins with this word: `event-nats` is an event. */
export const wayOf = (broker: ServiceBroker, name: string): Way => open[name.split("-")[0]!]!(broker);

const hostOf = (broker: ServiceBroker): Host => broker.getLocalService("v1.shop") as Host;

function call(broker: ServiceBroker): Way {
  const ctx = workContext(hostOf(broker));
  return {
    isAnswered: true,
    pass: (order) => ctx.call("depot.reserve", order, withKey(order.orderId)),
    async stream() {
      for (let after = 0; after < ITEMS; after += PAGE) await ctx.call("depot.list", { id: "all", after });
    },
  };
}

/** Milliseconds after which a client outside gives up. */
const PATIENCE = 10_000;

function http(): Way {
  const pool = new Pool(process.env["DEPOT_URL"]!, {
    connections: 64,
    headersTimeout: PATIENCE,
    bodyTimeout: PATIENCE,
  });
  const headers = (order: Order) => ({ "content-type": "application/json", "idempotency-key": order.orderId });
  return {
    isAnswered: true,
    async pass(order) {
      const path = "/api/v1/depot/reservations";
      const answer = await pool.request({ method: "POST", path, headers: headers(order), body: JSON.stringify(order) });
      const text = await answer.body.text();
      if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${text}`);
    },
    async stream() {
      const { body } = await pool.request({ method: "GET", path: "/api/v1/depot/reservations/all/events" });
      let items = 0;
      let rest = "";
      for await (const chunk of body) {
        const events = (rest + String(chunk)).split("\n\n");
        rest = events.pop()!;
        items += events.filter((one) => one.includes("data:")).length;
        if (items >= ITEMS) return;
      }
    },
  };
}

/** As partners have it: made from the .proto file, which knows nothing else of the depot. */
function grpc(): Way {
  const folder = mkdtempSync(join(tmpdir(), "madang-proto-"));
  const { files } = protoOf([depot], {});
  for (const file of files) {
    mkdirSync(join(folder, dirname(file.path)), { recursive: true });
    writeFileSync(join(folder, file.path), protoText(file));
  }
  const paths = files.map(({ path }) => path);
  const client = new GrpcClient(process.env["DEPOT_GRPC"]!, paths, folder);
  rmSync(folder, { recursive: true });
  return {
    isAnswered: true,
    pass: (order) =>
      client.call("/madang.depot.v1.DepotService/Reserve", order, {
        metadata: { "idempotency-key": order.orderId },
        deadline: PATIENCE,
      }),
    stream: () =>
      new Promise<void>((resolve, reject) => {
        const followed = client.follow("/madang.depot.v1.DepotService/Watch", { id: "all" });
        const look = setInterval(() => {
          if (followed.items.length < ITEMS) return;
          clearInterval(look);
          followed.leave();
          resolve();
        }, 1);
        void followed.ended.then((failure) => failure && reject(new Error(failure.message)));
      }),
  };
}

function byJob(broker: ServiceBroker): Way {
  const host = hostOf(broker);
  return {
    isAnswered: false,
    pass: (order) => host.db.write(async (tx) => tx.add(host.jobs.add("reserve", order))),
  };
}

function event(broker: ServiceBroker): Way {
  const host = hostOf(broker);
  const ctx = workContext(host);
  return {
    isAnswered: false,
    pass: (order) =>
      host.db.write(async (tx) => tx.add(host.outbox.event(ctx, "shop.ordered", `article:${order.article}`, order))),
  };
}

function pubsub(): Way {
  const redis = new Redis(process.env["CHANNEL_URL"]!);
  return { isAnswered: false, pass: (order) => redis.publish(CHANNEL, JSON.stringify(order)) };
}

/** Articles among which orders are spread. */
const ARTICLES = 10;

/** @param bytes of the whole order, roughly */
export const newOrder = (way: string, seq: number, bytes: number): Order => ({
  orderId: newId(),
  article: `article-${seq % ARTICLES}`,
  seq,
  way,
  note: "x".repeat(Math.max(0, bytes - 150)),
});
