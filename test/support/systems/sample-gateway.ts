/** A service with one route of every kind, and a gateway before it, for specs of the HTTP gateway. */
import type { BrokerOptions, ServiceBroker, ServiceSchema } from "moleculer";
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { refused } from "#core/errors.ts";
import { implement } from "#core/implement.ts";
import { LiveItems, Nothing, Page, paging, Strict, Text } from "#core/schema.ts";
import { startBroker } from "./broker.ts";

export const ORIGIN = "https://shop.example.test";

const Id = Text(20);
const Book = Type.Object({ id: Id, title: Type.String(), version: Type.Integer() });
const Echo = Type.Unknown();

export const bookContract = defineContract("book", {
  summary: "Books of specs",
  errors: {
    LIMIT_REACHED: refused(
      "There are too many books",
      "책이 너무 많습니다",
      "Remove a book first.",
      "먼저 책을 하나 지워 주세요.",
    ),
  },
  actions: {
    list: action({
      summary: "Books",
      rest: "GET /books",
      auth: "public",
      input: Strict({
        ...paging,
        used: Type.Optional(Type.Boolean()),
        tag: Type.Optional(Type.Array(Text(9), { maxItems: 3 })),
      }),
      output: Type.Intersect([Page(Type.String()), Type.Object({ asked: Echo })]),
    }),
    get: action({
      summary: "A book",
      rest: "GET /books/:id",
      auth: "public",
      concurrency: "read",
      input: Strict({ id: Id }),
      output: Book,
      errors: ["NOT_FOUND"],
    }),
    getCover: action({
      summary: "A picture of a book",
      rest: "GET /books/:id/cover",
      auth: "public",
      file: "image/png",
      immutable: true,
      input: Strict({ id: Id }),
      output: Type.Object({ name: Type.String(), mediaType: Type.Literal("image/png"), content: Type.String() }),
      errors: ["NOT_FOUND"],
    }),
    edit: action({
      summary: "Change a book",
      rest: "PATCH /books/:id",
      auth: "public",
      concurrency: "write",
      input: Strict({ id: Id, title: Text(20), version: Type.Optional(Type.Integer()) }),
      output: Book,
      errors: ["NOT_FOUND", "STALE_VERSION"],
    }),
    add: action({
      summary: "Add a book",
      rest: "POST /books",
      status: 201,
      shownBy: "get",
      auth: "customer",
      idempotent: true,
      input: Strict({ title: Text(20) }),
      output: Type.Object({ id: Id, title: Type.String(), key: Type.String(), who: Type.String() }),
      errors: ["LIMIT_REACHED"],
    }),
    remove: action({
      summary: "Remove a book",
      rest: "DELETE /books/:id",
      status: 204,
      auth: "staff",
      input: Strict({ id: Id }),
      output: Nothing,
    }),
    watch: action({
      summary: "What happens to a book",
      rest: "GET /books/:id/events",
      auth: "customer",
      live: true,
      sends: {
        "book.read": {
          summary: "Somebody read a page",
          data: Type.Object({ page: Type.Integer(), by: Type.Optional(Text(20)) }),
        },
      },
      input: Strict({ id: Id, after: Type.Optional(Type.Integer()) }),
      output: LiveItems,
      errors: ["NOT_FOUND"],
    }),
    hook: action({
      summary: "A webhook of a partner",
      rest: "POST /books/hooks/:partner",
      auth: "public",
      raw: true,
      input: Strict({ partner: Id, headers: Type.Record(Type.String(), Type.String()), body: Type.String() }),
      output: Echo,
    }),
    fail: action({ summary: "Fails", rest: "GET /fail", auth: "public", input: Strict({}), output: Nothing }),
    sleep: action({
      summary: "Takes long",
      rest: "GET /sleep/:ms",
      auth: "public",
      timeout: 200,
      input: Strict({ ms: Type.Integer() }),
      output: Echo,
    }),
    rare: action({ summary: "Rarely", rest: "GET /rare", auth: "public", limit: 2, input: Strict({}), output: Echo }),
    who: action({
      summary: "As the service sees the request",
      rest: "GET /who",
      auth: "public",
      input: Strict({}),
      output: Echo,
    }),
  },
});

/** Ends each call that sleeps before its time, oldest first. */
export const sleepingCalls: (() => void)[] = [];

/** The events of book 1; a spec adds to them and wakes the streams. */
export const bookEvents: { id: string; event: string; data: unknown }[] = [];

const service = implement(bookContract, {
  actions: {
    list: (ctx) => ({ items: [], nextCursor: null, asked: ctx.params }),
    get({ params: { id } }) {
      if (id === "0") throw bookContract.error("NOT_FOUND");
      return { id, title: "Dune", version: 3 };
    },
    getCover({ params: { id } }) {
      if (id === "0") throw bookContract.error("NOT_FOUND");
      return { name: `${id}.png`, mediaType: "image/png" as const, content: Buffer.from("cover").toString("base64") };
    },
    edit({ params: { id, title, version } }) {
      if (version !== undefined && version !== 3) throw bookContract.error("STALE_VERSION");
      return { id, title, version: 4 };
    },
    add(ctx) {
      if (ctx.params.title === "big") throw bookContract.error("LIMIT_REACHED", { room: 0 });
      const key = ctx.headers["idempotency-key"]!;
      if (key === "again") ctx.meta["$replayed"] = true;
      return { id: "9", title: ctx.params.title, key, who: ctx.user!.id! };
    },
    remove: () => null,
    watch({ params: { id, after = 0 } }) {
      if (id !== "1") throw bookContract.error("NOT_FOUND");
      return { items: bookEvents.filter((one) => Number(one.id) > after) };
    },
    hook: ({ params: { partner, headers, body } }) => ({ partner, signature: headers["x-signature"], body }),
    fail() {
      throw new Error("the password is hunter2");
    },
    sleep: ({ params: { ms } }) =>
      new Promise((resolve) => {
        sleepingCalls.push(() => resolve(null));
        setTimeout(resolve, ms, null).unref();
      }),
    rare: () => ({}),
    who: ({ meta, requestID }) => ({ language: meta.language ?? null, requestID }),
  },
});

export interface SampleGateway {
  readonly broker: ServiceBroker;
  readonly url: string;
}

/** @param services beside the one with books */
export const startGateway = (...services: ServiceSchema[]): Promise<SampleGateway> => startGatewayWith({}, ...services);

export async function startGatewayWith(options: BrokerOptions, ...services: ServiceSchema[]): Promise<SampleGateway> {
  process.env.CORS_ORIGINS = ORIGIN;
  process.env.LIVE_STREAMS = "2";
  const { default: api } = await import("../../../services/api/api.service.ts");
  const gateway = { ...api, settings: { ...api.settings, port: 0 } } as ServiceSchema;
  const broker = await startBroker([gateway, service, ...services], options);
  const { server } = broker.getLocalService("v1.api") as unknown as { server: { url: string } };
  return { broker, url: server.url };
}

export { tokenOf } from "../actors/people.ts";
