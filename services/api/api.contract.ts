/** The gateway's own actions, for operators: the nodes of the platform and their circuit breakers. */
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { Nothing, Strict, Text, Timestamp } from "#core/schema.ts";
import { StandbyState } from "#mixins/middlewares/drain.middleware.ts";

const NodeId = Text(200);
const OfNode = Strict({ id: NodeId });

const Node = Type.Object(
  {
    id: Type.String(),
    available: Type.Boolean(),
    /** It accepts no new work. */
    standby: Type.Boolean(),
    services: Type.Array(Type.String()),
  },
  { title: "Node" },
);

const Breaker = Type.Object(
  {
    /** The calling node, which owns the breaker. */
    node: Type.String(),
    action: Type.String(),
    /** The called node. */
    target: Type.String(),
    state: Type.Enum(["open", "half-open"]),
    time: Timestamp,
  },
  { title: "Breaker" },
);

export const api = defineContract("api", {
  summary: "HTTP gateway",
  gateway: true,
  actions: {
    export: action({
      summary: "All data that is stored about me",
      rest: "GET /users/me/export",
      auth: "customer",
      limit: 10,
      timeout: 10_000,
      input: Strict({ cursor: Type.Optional(Text(1000)) }),
      output: Type.Object(
        { exportedAt: Timestamp, nextCursor: Type.Union([Type.String(), Type.Null()]) },
        {
          title: "Export",
          description:
            "Beside these the parts by name, such as profile, addresses, sessions, orders, payments, paymentMethods, messages, preferences; what is more than fits goes on at nextCursor",
        },
      ),
      errors: ["VALIDATION_FAILED"],
    }),
    listNodes: action({
      summary: "The nodes that this gateway sees, and what they run",
      rest: "GET /nodes",
      auth: "staff",
      input: Strict({}),
      output: Type.Object({ items: Type.Array(Node) }),
    }),
    drainNode: action({
      summary: "Let a node finish its work and accept no new work",
      rest: "POST /nodes/:id/drain",
      keyless: "A repeated request changes nothing more.",
      unaudited: "It changes the state of nodes, which keep nothing of it.",
      auth: "admin",
      timeout: 16_000,
      input: OfNode,
      output: StandbyState,
      errors: ["NOT_FOUND"],
    }),
    resumeNode: action({
      summary: "Let a drained node accept work again",
      rest: "POST /nodes/:id/resume",
      keyless: "A repeated request changes nothing more.",
      unaudited: "It changes the state of nodes, which keep nothing of it.",
      auth: "admin",
      input: OfNode,
      output: StandbyState,
      errors: ["NOT_FOUND"],
    }),
    listBreakers: action({
      summary: "Circuit breakers, of all nodes, that are not closed",
      rest: "GET /breakers",
      auth: "staff",
      input: Strict({}),
      output: Type.Object({ items: Type.Array(Breaker) }),
    }),
    resetBreaker: action({
      summary: "Close the circuit breakers of an action in every node that calls it",
      rest: "POST /breakers/reset",
      keyless: "A repeated request changes nothing more.",
      status: 204,
      unaudited: "It changes the state of nodes, which keep nothing of it.",
      auth: "admin",
      input: Strict({ action: Text(200), target: Type.Optional(NodeId) }),
      output: Nothing,
    }),
  },
});
declare module "#core/contract.ts" {
  interface Contracts {
    api: typeof api;
  }
}
