/** The content service with its encoder, films for it, and what it makes of them. */
import { readFileSync } from "node:fs";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { Storage } from "#mixins/storage/storage.ts";
import { tokenOf } from "../actors/people.ts";
import { eventually } from "../fixtures/eventually.ts";
import { startBroker } from "./broker.ts";
import { localService } from "./local-service.ts";

/** Set before any setting is read: short chunks, quickly encoded. */
const settings = {
  CONTENT_CHUNK: "4",
  // The fastest that writes H.264's High profile.
  CONTENT_PRESET: "superfast",
  CONTENT_ENCODERS: "2",
  CONTENT_ENCODER_THREADS: "1",
  CONTENT_ENCODER_NICE: "0",
};

export class EncodingService {
  readonly broker: ServiceBroker;
  readonly storage: Storage;
  readonly #token: string;

  private constructor(broker: ServiceBroker, storage: Storage, token: string) {
    this.broker = broker;
    this.storage = storage;
    this.#token = token;
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<EncodingService> {
    Object.assign(process.env, settings, env);
    const path = "../../../services/content/content.service.ts";
    const { default: service } = (await import(path)) as { default: ServiceSchema };
    const { storageOf } = await import("#mixins/storage/open.ts");
    const broker = await startBroker([service]);
    return new EncodingService(broker, await storageOf(broker), await tokenOf("ann", "staff"));
  }

  stop(): Promise<void> {
    return this.broker.stop();
  }

  call<N extends ActionName>(name: N, params: Input<N>): Promise<Output<N>> {
    return this.broker.call(name, params, withKey(newId(), { meta: { accessToken: this.#token } }));
  }

  /** An upload. */
  async source(content: string | Buffer): Promise<{ readonly sourceId: string }> {
    const sourceId = newId();
    await this.storage.put(`sources/${sourceId}`, typeof content === "string" ? { file: content } : content);
    return { sourceId };
  }

  /** A film whose video is this file, or these bytes; answers its id. */
  async begin(source: string | Buffer, publish = false): Promise<string> {
    const titles = { en: { title: "The Yard" } };
    const { id } = await this.call("content.create", { kind: "film", titles, rating: 0, rights: [{}] });
    await this.call("content.createEncoding", { id, publish, ...(await this.source(source)) });
    return id;
  }

  /** Its encoding, once it has ended. */
  async ended(id: string): Promise<Output<"content.getEncoding">> {
    let encoding: Output<"content.getEncoding">;
    await eventually(async () => {
      encoding = await this.call("content.getEncoding", { id });
      return encoding.endedAt !== null;
    }, 120_000);
    return encoding!;
  }

  /** The path of its folder on the disk. */
  async folder(id: string): Promise<string> {
    const { id: release } = await this.call("content.getEncoding", { id });
    return this.storage.localPath(`v/${id}/${release}`)!;
  }

  async told(id: string): Promise<readonly string[]> {
    const { outbox } = localService<{ outbox: Outbox }>(this.broker, "content");
    return (await outbox.since(`content:${id}`, 0, 100)).map(({ type }) => type);
  }
}

/** The text of a file in a folder. */
export const textIn = (folder: string, path: string): string => readFileSync(`${folder}/${path}`, "utf8");
