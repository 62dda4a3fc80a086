/** The content service by itself, with people who call it and another service in place of those that ask it. */
import type { ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey, workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import service from "../../../services/content/content.service.ts";
import { type ContentTables, sql } from "../../../services/content/content.tables.ts";
import { tokenOf } from "../actors/people.ts";
import { startBroker } from "./broker.ts";
import { localService } from "./local-service.ts";

/** What a new film is by default. */
export const film = { kind: "film" as const, titles: { en: { title: "The Yard" }, ko: { title: "마당" } }, rating: 12 };

const markReady = sql((q, p: { id: string }) =>
  q
    .updateTable("videos")
    .set({ state: "ready", release: "r1", duration_ms: 60_000, rungs: '[{"height":240,"bandwidth":400000}]' })
    .where("id", "=", p.id),
);

/** Starts the service before the tests of this file and stops it after them; answers the ways to call it. */
export function contentService() {
  let broker: ServiceBroker;
  let staffToken: string;
  beforeAll(async () => {
    broker = await startBroker([service, { name: "playback", version: 1 }]);
    staffToken = await tokenOf("ann", "staff");
  });
  afterAll(() => broker.stop());
  afterEach(() => jest.restoreAllMocks());

  const own = () => localService<{ db: Database<ContentTables>; outbox: Outbox }>(broker, "content");
  /** As nobody in particular. */
  const call = <N extends ActionName>(name: N, params: Input<N>) => broker.call<Output<N>, Input<N>>(name, params);
  const callAsStaff = <N extends ActionName>(name: N, params: Input<N>, key: string = newId()) =>
    broker.call<Output<N>, Input<N>>(name, params, withKey(key, { meta: { accessToken: staffToken } }));
  /** As the playback service does. */
  const callAsService = <N extends ActionName>(name: N, params: Input<N>) =>
    workContext(localService(broker, "playback")).call(name, params);
  const create = (values: Partial<Input<"content.create">> = {}) =>
    callAsStaff("content.create", { ...film, ...values });
  /** As if it had been encoded. */
  const encoded = async (id: string) => {
    await own().db.run(markReady, { id });
  };

  return {
    call,
    callAsStaff,
    callAsService,
    create,
    encoded,
    /** A published film or episode, or a published series or season. */
    async published(values: Partial<Input<"content.create">> = {}) {
      const { id, kind } = await create(values);
      if (kind === "film" || kind === "episode") await encoded(id);
      return callAsStaff("content.publish", { id });
    },
    /** The types of what it told of a video, oldest first. */
    told: async (id: string) => (await own().outbox.since(`content:${id}`, 0, 100)).map(({ type }) => type),
  };
}
