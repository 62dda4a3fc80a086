/**
 * Orchestrated sagas (Garcia-Molina and Salem, 1987): adds `this.saga`. A saga is a row that moves through its steps;
 * whichever node holds its lease moves it, and when that node dies another goes on.
 *
 * @example
 * mixins: [database<OrderTables>(…), outbox(), saga(placeOrder)],
 * // begun in the transaction that makes the order, run when that is durable:
 * await this.db.write(async (tx) => tx.add(...orders.insert(order), this.saga.begin({ id, userId, correlationId, input, patience })));
 * await this.saga.settled(id, 5000);
 */
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { SagaDefinition } from "./definition.ts";
import type { SagaHost } from "./engine.ts";
import type { Saga } from "./saga.ts";
import { Sagas } from "./sagas.ts";
import { migrations } from "./tables.ts";
import { handlers } from "./operator.ts";

export { type Ending, type Reason, type Run, type SagaDefinition, type Step, Waiting } from "./definition.ts";
export type { Saga } from "./saga.ts";
export type { Entry } from "./state.ts";
export type { SagaTables } from "./tables.ts";

type Host = SagaHost & { readonly saga?: Sagas<unknown> };

/**
 * @param definition the newest one, with which sagas begin
 * @param earlier definitions, newest first, as long as sagas with their versions may still move
 */
export function saga<Input>(
  definition: SagaDefinition<Input, never>,
  ...earlier: readonly SagaDefinition<Input, never>[]
): Mixin<{ readonly saga: Saga<Input> }> {
  return mixin<{ readonly saga: Saga<Input> }, Host>(
    {
      async started() {
        const sagas = new Sagas(this, [definition, ...earlier]);
        addName(this, "saga", sagas);
        await sagas.start();
      },
      async stopped() {
        await this.saga?.stop();
      },
    },
    { name: "saga", migrations, handlers },
  );
}
