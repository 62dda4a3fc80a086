/** The gRPC gateway before the service with one action of every kind, for specs of the gateway itself. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ServiceBroker } from "moleculer";
import type { Contract } from "#core/contract.ts";
import { protoOf } from "../../../services/grpc/proto.model.ts";
import { protoText } from "../../../services/grpc/proto.text.ts";
import { GrpcClient } from "../actors/grpc-client.ts";
import { bookContract, startGateway } from "./sample-gateway.ts";

/** Without what no .proto can say: an answer that is two things. */
const { list: _, ...actions } = bookContract.actions;
export const sampleContract = { ...bookContract, actions } as unknown as Contract;

export interface SampleGrpc {
  readonly broker: ServiceBroker;
  readonly client: GrpcClient;
  readonly address: string;
  /** Of the HTTP gateway beside it. */
  readonly url: string;
  /** Of gRPC-Web and Connect. */
  readonly webUrl: string;
  stop(): Promise<void>;
}

/** A client that knows the .proto files of these contracts. */
export function clientOf(address: string, contracts: readonly Contract[]): GrpcClient {
  const { files } = protoOf(contracts, {});
  const folder = mkdtempSync(join(tmpdir(), "madang-proto-"));
  for (const file of files) {
    mkdirSync(join(folder, dirname(file.path)), { recursive: true });
    writeFileSync(join(folder, file.path), protoText(file));
  }
  const client = new GrpcClient(
    address,
    files.map(({ path }) => path),
    folder,
  );
  rmSync(folder, { recursive: true });
  return client;
}

/** Once a spec file, for settings are read once. */
export async function startGrpc(): Promise<SampleGrpc> {
  process.env.GRPC_PORT = "0";
  process.env.GRPC_WEB_PORT = "0";
  const { grpcService } = await import("../../../services/grpc/grpc.service.ts");
  const { broker, url } = await startGateway(grpcService(async () => [sampleContract]));
  const { endpoint } = broker.getLocalService("v1.grpc") as unknown as { endpoint: { port: number; webUrl: string } };
  const address = `127.0.0.1:${endpoint.port}`;
  const client = clientOf(address, [sampleContract]);
  return {
    broker,
    client,
    address,
    url,
    webUrl: endpoint.webUrl,
    async stop() {
      client.close();
      await broker.stop();
    },
  };
}
