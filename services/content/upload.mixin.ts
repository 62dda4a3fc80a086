/** Adds `this.uploads`: films come by resumable upload (tus 1.0) below /uploads/, from staff; each sees their own alone. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Server } from "@tus/server";
import type { FileStore } from "@tus/file-store";
import type { Service } from "moleculer";
import { HOUR, now } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import { newId } from "#core/id.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { Mount } from "#mixins/http/mount.ts";
import { allowSlowBody } from "#mixins/http/slow-body.ts";
import type { Visit } from "#mixins/http/visit.ts";
import { storageOf } from "#mixins/storage/open.ts";
import { config, uploadsFolder } from "./content.config.ts";
import { content } from "./content.contract.ts";
import { sourceKey } from "./content.model.ts";
import { stays } from "./sweep.model.ts";

const PREFIX = "/uploads/";
/** Milliseconds in which a part of an upload may stand still, and that all of it may take; then its client asks how much has come. */
const [IDLE, LONGEST] = [60_000, 6 * HOUR];
const UPLOAD = /^\/uploads\/([0-9a-f-]{36})$/;

interface Tus {
  readonly server: Server;
  readonly store: FileStore;
}

export class Uploads {
  readonly #service: Service;
  readonly #mount: Mount;
  readonly #keeping = new Map<string, Promise<void>>();
  #tus: Promise<Tus> | null = null;

  constructor(service: Service) {
    this.#service = service;
    this.#mount = new Mount(service, {
      prefix: PREFIX,
      contract: content,
      serve: (visit) => this.#serve(visit),
      port: config.CONTENT_PORT,
      host: config.CONTENT_HOST,
      settings: { port: "CONTENT_PORT", host: "CONTENT_HOST" },
    });
  }

  async open(): Promise<void> {
    await this.#mount.open();
  }

  async close(): Promise<void> {
    await this.#mount.close();
  }

  get url(): string | undefined {
    return this.#mount.url;
  }

  /** Loaded with the first upload. */
  #loaded(): Promise<Tus> {
    return (this.#tus ??= this.#load());
  }

  async #load(): Promise<Tus> {
    const [{ Server }, { FileStore }] = await Promise.all([import("@tus/server"), import("@tus/file-store")]);
    const store = new FileStore({ directory: uploadsFolder() });
    const server = new Server({
      path: PREFIX.slice(0, -1),
      datastore: store,
      maxSize: config.CONTENT_LARGEST * 2 ** 20,
      relativeLocation: true,
      namingFunction: () => newId(),
    });
    return { server, store };
  }

  async #serve(visit: Visit): Promise<void> {
    const { caller } = await visit.admit({ auth: "staff", permission: "content.createEncoding" });
    const { server, store } = await this.#loaded();
    const [, id] = UPLOAD.exec(visit.path) ?? [];
    if (visit.path !== PREFIX && id === undefined) throw sharedError("NOT_FOUND");
    if (id !== undefined) {
      await checkOwner(store, id, caller!.id!);
      const whole = await (await storageOf(this.#service.broker)).stat(sourceKey(id));
      // The answer to its last part may have been lost.
      if (whole && visit.req.method === "HEAD") return sendWhole(visit, whole.size);
      if (whole) throw content.error("UPLOAD_MISMATCH");
    }
    allowSlowBody(visit, { idle: IDLE, total: LONGEST });
    const answer = await server.handleWeb(requestOf(visit, id === undefined ? caller!.id! : null));
    if (answer.status >= 400) throw await problemOf(answer);
    if (id !== undefined) await this.#keep(store, id);
    send(visit, answer);
  }

  /** One copy at a time: a client whose answer is late asks again. */
  #keep(store: FileStore, id: string): Promise<void> {
    const keeping = this.#keeping.get(id) ?? this.#move(store, id).finally(() => this.#keeping.delete(id));
    this.#keeping.set(id, keeping);
    return keeping;
  }

  /** What has come whole goes into the storage, also when this node died just before it did. */
  async #move(store: FileStore, id: string): Promise<void> {
    const upload = await store.getUpload(id).catch(() => null);
    if (!upload || upload.size === undefined || upload.offset !== upload.size || upload.size === 0) return;
    const storage = await storageOf(this.#service.broker);
    if (await storage.stat(sourceKey(id))) return;
    const file = join(uploadsFolder(), id);
    // Another node may do the same: neither replaces what the other stored, nor shortens what the other still copies.
    await storage.put(sourceKey(id), { file }, { ifAbsent: true });
    await writeFile(`${file}.kept`, "");
    // What is left, an empty file and a description, goes when it expires.
    await rename(`${file}.kept`, file);
  }
}

/** A stranger's upload is not there. @throws NOT_FOUND */
async function checkOwner(store: FileStore, id: string, owner: string): Promise<void> {
  const upload = await store.configstore.get(id);
  if (upload?.metadata?.["owner"] !== owner) throw sharedError("NOT_FOUND");
}

function sendWhole(visit: Visit, size: number): void {
  const length = String(size);
  visit.send(200, "", [
    "Tus-Resumable",
    "1.0.0",
    "Upload-Offset",
    length,
    "Upload-Length",
    length,
    "Cache-Control",
    "no-store",
  ]);
}

/** @param owner of an upload that begins; the client may not name one */
function requestOf({ req, path }: Visit, owner: string | null): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) if (typeof value === "string") headers.set(name, value);
  if (owner !== null) headers.set("upload-metadata", `owner ${Buffer.from(owner).toString("base64")}`);
  const hasBody = req.method === "POST" || req.method === "PATCH";
  const init = { method: req.method!, headers, ...(hasBody ? { body: Readable.toWeb(req), duplex: "half" } : {}) };
  return new Request(`http://uploads${path.replace(/\/$/, "")}`, init as RequestInit);
}

/** What tus refuses with a status and a line of text. */
async function problemOf(answer: Response): Promise<Error> {
  const { status } = answer;
  if (status === 404 || status === 410) return sharedError("NOT_FOUND");
  if (status === 405) return sharedError("METHOD_NOT_ALLOWED");
  if (status === 413) return sharedError("PAYLOAD_TOO_LARGE");
  if (status === 415 || status === 403) return sharedError("UNSUPPORTED_MEDIA_TYPE");
  if (status === 409 || status === 423) return content.error("UPLOAD_MISMATCH");
  if (status < 500) return sharedError("MALFORMED_REQUEST");
  return new Error(`tus answered ${status}: ${(await answer.text()).slice(0, 200)}`);
}

/** Other origins are none of its business: the gateway's rules hold. */
const isSent = (name: string): boolean => !name.startsWith("access-control-") && name !== "content-length";

function send(visit: Visit, answer: Response): void {
  const headers = [...answer.headers].filter(([name]) => isSent(name)).flat();
  // It counts from its last part; tus counts from its first.
  const expires = ["Upload-Expires", new Date(now() + stays.upload).toUTCString()];
  visit.send(answer.status, "", [...headers, ...expires, "Cache-Control", "no-store"]);
}

type Host = Service & { readonly uploads?: Uploads };

export const uploads = (): Mixin<{ readonly uploads: Uploads }> =>
  mixin<{ readonly uploads: Uploads }, Host>({
    async started() {
      const uploads = new Uploads(this);
      addName(this, "uploads", uploads);
      // Before the node closes, it takes nothing new.
      addName(this, "drain", () => uploads.close());
      await uploads.open();
    },
    async stopped() {
      await this.uploads?.close();
    },
  });
