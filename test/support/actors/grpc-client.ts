/** A gRPC client as others write one: gRPC-js and protobuf.js, which know nothing but .proto files. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import {
  type AnyDefinition,
  loadSync,
  type MessageTypeDefinition,
  type PackageDefinition,
  type ServiceDefinition,
} from "@grpc/proto-loader";

const root = join(import.meta.dirname, "../../..");
const protos = join(root, "clients/proto");
const options = { longs: Number, enums: String, defaults: true } as const;

const details = loadSync("test/support/fixtures/rpc-details.proto", { ...options, includeDirs: [root] });

/** What a failed call tells, as its client reads it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly reason: string;
  readonly domain: string;
  /** What the error tells beyond its reason. */
  readonly data: Readonly<Record<string, string>>;
  readonly violations: readonly { readonly field: string; readonly description: string }[];
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly localized: { readonly locale: string; readonly message: string } | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface Any {
  readonly type_url: string;
  readonly value: Buffer;
}

const read = <T>(name: string, bytes: Buffer): T =>
  (details[`google.rpc.${name}`] as MessageTypeDefinition<object, object>).deserialize(bytes) as T;

export function failureOf(error: ServiceError): Failure {
  const [bytes] = error.metadata.get("grpc-status-details-bin") as Buffer[];
  const { details: anys = [] } = bytes ? read<{ details?: Any[] }>("Status", bytes) : {};
  const detail = <T>(name: string): T | undefined => {
    const found = anys.find(({ type_url: type }) => type === `type.googleapis.com/google.rpc.${name}`);
    return found && read<T>(name, found.value);
  };
  const {
    reason = "",
    domain = "",
    metadata: data = {},
  } = detail<{ reason?: string; domain?: string; metadata?: Record<string, string> }>("ErrorInfo") ?? {};
  return {
    code: status[error.code],
    message: error.details,
    reason,
    domain,
    data,
    violations: detail<{ fieldViolations?: Failure["violations"] }>("BadRequest")?.fieldViolations ?? [],
    retryAfter: detail<{ retryDelay?: { seconds?: number } }>("RetryInfo")?.retryDelay?.seconds,
    localized: detail<NonNullable<Failure["localized"]>>("LocalizedMessage"),
    metadata: error.metadata.getMap(),
  };
}

export interface Sent {
  readonly token?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly deadline?: number;
}

export interface Answer<Body> {
  readonly body: Body;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const isService = (one: AnyDefinition): one is ServiceDefinition => !("format" in one);

function metadataOf({ token, metadata = {} }: Sent): Metadata {
  const sent = new Metadata();
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
  if (token !== undefined) sent.set("authorization", `Bearer ${token}`);
  return sent;
}

const callOptions = ({ deadline }: Sent) => (deadline === undefined ? {} : { deadline: Date.now() + deadline });

export class GrpcClient {
  readonly channel: Client;
  /** Paths of all methods, such as `/madang.order.v1.OrderService/Create`. */
  readonly methods: readonly string[];
  readonly #services: PackageDefinition;

  /** @param files that the folder has; those of the platform unless given */
  constructor(
    address: string,
    files: readonly string[] = globSync("madang/*/v1/*.proto", { cwd: protos }),
    folder = protos,
    secret = credentials.createInsecure(),
  ) {
    this.channel = new Client(address, secret);
    this.#services = loadSync([...files], { ...options, includeDirs: [folder] });
    const services = Object.values(this.#services).filter(isService);
    this.methods = services.flatMap((service) => Object.values(service).map(({ path }) => path));
  }

  #method(path: string) {
    const [, service = "", name = ""] = path.split("/");
    const found = (this.#services[service] as ServiceDefinition | undefined)?.[name];
    if (!found) throw new Error(`The .proto files have no ${path}.`);
    return found;
  }

  /** @throws ServiceError */
  call<Body>(path: string, request: object, sent: Sent = {}): Promise<Answer<Body>> {
    const { requestSerialize, responseDeserialize } = this.#method(path);
    return new Promise((resolve, reject) => {
      let metadata: Readonly<Record<string, unknown>> = {};
      this.channel
        .makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadataOf(sent),
          callOptions(sent),
          (error, body) => {
            if (error) reject(error);
            else resolve({ body: body as Body, metadata });
          },
        )
        .on("metadata", (received: Metadata) => (metadata = received.getMap()));
    });
  }

  /** These bytes, whether there is such a method or not. @returns the code of the answer, 0 for one that is none */
  send(path: string, bytes: Buffer): Promise<status> {
    const asIs = (one: Buffer): Buffer => one;
    return new Promise((resolve) =>
      this.channel.makeUnaryRequest(path, asIs, asIs, bytes, (error) => resolve(error?.code ?? status.OK)),
    );
  }

  /** What the call fails with. @throws Error when it succeeds */
  async failure(path: string, request: object, sent: Sent = {}): Promise<Failure> {
    const answer = await this.call<object>(path, request, sent).catch((error: ServiceError) => failureOf(error));
    if ("body" in answer) throw new Error(`${path} was answered ${JSON.stringify(answer.body)}.`);
    return answer;
  }

  follow<Item>(path: string, request: object, sent: Sent = {}): Followed<Item> {
    const { requestSerialize, responseDeserialize } = this.#method(path);
    return new Followed(
      this.channel.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize as (bytes: Buffer) => Item,
        request,
        metadataOf(sent),
        callOptions(sent),
      ),
    );
  }

  close(): void {
    this.channel.close();
  }
}

/** A stream that is being read. */
export class Followed<Item> {
  readonly items: Item[] = [];
  /** Resolves when something came. */
  readonly begun: Promise<void>;
  /** Null for one that was complete. */
  readonly ended: Promise<Failure | null>;
  readonly #stream: ClientReadableStream<Item>;

  constructor(stream: ClientReadableStream<Item>) {
    this.#stream = stream;
    stream.on("data", (item: Item) => this.items.push(item));
    this.begun = new Promise((resolve) => stream.once("data", () => resolve()));
    this.ended = new Promise((resolve) => {
      stream.on("error", (error) => resolve(failureOf(error as ServiceError)));
      stream.on("end", () => resolve(null));
    });
  }

  /** Reads no more, without leaving. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  leave(): void {
    this.#stream.cancel();
  }
}

interface Value {
  readonly kind?: string;
  readonly stringValue?: string;
  readonly numberValue?: number;
  readonly boolValue?: boolean;
  readonly structValue?: { readonly fields: Readonly<Record<string, Value>> };
  readonly listValue?: { readonly values: readonly Value[] };
}

/** What a google.protobuf.Value holds. */
export function valueOf({ stringValue, numberValue, boolValue, structValue, listValue }: Value): unknown {
  if (structValue)
    return Object.fromEntries(Object.entries(structValue.fields).map(([name, one]) => [name, valueOf(one)]));
  if (listValue) return listValue.values.map(valueOf);
  return stringValue ?? numberValue ?? boolValue ?? null;
}
