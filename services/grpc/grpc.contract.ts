/** The contract of the gRPC gateway. It offers the actions of others, and has none of its own. */
import { defineContract } from "#core/contract.ts";

export const grpc = defineContract("grpc", { summary: "gRPC gateway", gateway: true, actions: {} });
declare module "#core/contract.ts" {
  interface Contracts {
    grpc: typeof grpc;
  }
}
