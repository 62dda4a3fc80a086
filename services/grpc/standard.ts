/** What every gRPC server is expected to offer beside its own methods: whether it is well, and what it offers. */
import {
  type Server,
  type ServiceDefinition,
  status,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { toBinary } from "@bufbuild/protobuf";
import { HealthImplementation } from "grpc-health-check";
import type { ServiceBroker } from "moleculer";
import { type Admission, Count } from "#mixins/gateway/admission.ts";
import { isReady } from "#mixins/node/ready.ts";
import { addressOfCall, type StreamCall, type UnaryCall } from "./native.ts";
import type { ProtoFile } from "./proto.model.ts";
import { HEALTH, standardDescriptors } from "./standard.descriptors.ts";

/** Milliseconds between two looks at what has no event: whether this node is ready. */
const LOOK = 500;

export class StandardServices {
  readonly #broker: ServiceBroker;
  readonly #admission: Admission;
  readonly #files: readonly ProtoFile[];
  readonly #health = new HealthImplementation();
  readonly #reflection: ReflectionService;
  readonly #told = new Map<string, boolean>();
  /** Streams that end only when their clients do. */
  readonly #open = new Set<StreamCall>();
  readonly #timer: NodeJS.Timeout;
  #isStopping = false;

  constructor(
    broker: ServiceBroker,
    admission: Admission,
    files: readonly ProtoFile[],
    descriptors: readonly FileDescriptorProto[],
  ) {
    this.#broker = broker;
    this.#admission = admission;
    this.#files = files;
    const fileDescriptorProtos = [...descriptors, ...standardDescriptors].map((one) =>
      Buffer.from(toBinary(FileDescriptorProtoSchema, one)),
    );
    const format = "Protocol Buffer 3 DescriptorProto";
    const services = [...files.map((file) => `${file.package}.${file.service}`), HEALTH];
    this.#reflection = new ReflectionService({ madang: { format, type: {}, fileDescriptorProtos } }, { services });
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK).unref();
  }

  addTo(server: Server): void {
    const counted = {
      addService: (definition: ServiceDefinition, handlers: UntypedServiceImplementation) => {
        const wrapped = Object.entries(handlers).map(([name, handle]) => [name, this.#counted(handle)] as const);
        server.addService(definition, Object.fromEntries(wrapped));
      },
    };
    this.#health.addToServer(counted);
    this.#reflection.addToServer(counted);
  }

  /** Tells what has changed of the node and of the services behind it. */
  look(): void {
    this.#tell("", isReady(this.#broker) && !this.#isStopping);
    const listed = this.#broker.registry.getServiceList({ onlyAvailable: true }) as unknown as { fullName: string }[];
    const running = new Set(listed.map(({ fullName }) => fullName));
    for (const { package: own, service, contract } of this.#files) {
      const isThere = running.has(`v${contract.version}.${contract.name}`);
      this.#tell(`${own}.${service}`, isThere && !this.#isStopping);
    }
  }

  /** Tells everybody to go elsewhere. Streams that only their clients would end are ended. */
  stop(): void {
    this.#isStopping = true;
    clearInterval(this.#timer);
    this.look();
    for (const call of this.#open) call.end();
  }

  #tell(name: string, isWell: boolean): void {
    if (this.#told.get(name) === isWell) return;
    this.#told.set(name, isWell);
    this.#health.setStatus(name, isWell ? "SERVING" : "NOT_SERVING");
  }

  /** They have limits of their own, so that a probe is answered however busy the gateway is. */
  #counted(handle: UntypedHandleCall): UntypedHandleCall {
    return ((call: UnaryCall & StreamCall, ...rest: unknown[]) => {
      const [done] = rest as [((error: object) => void)?];
      const refuse = (error: object) => (done ? done(error) : call.emit("error", error));
      try {
        this.#admission.probe(new Count(addressOfCall(call)));
      } catch {
        return refuse({ code: status.RESOURCE_EXHAUSTED, details: "Too many requests." });
      }
      const { service } = (call.request ?? {}) as { service?: string };
      // The library would remember any name that somebody made up.
      if (!done && service !== undefined && !this.#told.has(service))
        return refuse({ code: status.NOT_FOUND, details: "Unknown service." });
      if (!done) {
        this.#open.add(call);
        call.once("close", () => this.#open.delete(call));
      }
      return (handle as (...all: unknown[]) => unknown)(call, ...rest);
    }) as UntypedHandleCall;
  }
}
