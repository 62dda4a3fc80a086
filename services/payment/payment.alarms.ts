/** Tells an operator, by a log line and a counter, that an answer of the provider cannot be accepted. */
import type { Service } from "moleculer";
import { addMetricSource } from "#mixins/node/metric-sources.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Difference } from "./charge.model.ts";
import { type DisputeStatus, disputeStatuses } from "./dispute.model.ts";
import type { DisputeRow, PaymentRow } from "./payment.projection.ts";
import type { PaymentTables } from "./payment.repository.ts";
import { openDifferences } from "./report.repository.ts";

const NAME = "madang_payment_provider_faults_total";
const DIFFERENCES = "madang_payment_report_differences_open";
const DISPUTES = "madang_payment_disputes_total";

type Host = Service & { readonly db: Database<PaymentTables> };

export class Alarms {
  readonly #logger: Service["logger"];
  readonly #db: Database<PaymentTables>;
  readonly #counts = { unsound: 0, difference: 0 };
  readonly #disputes: Partial<Record<DisputeStatus, number>> = {};
  /** Removes the counter. */
  readonly stop: () => void;

  constructor({ broker, logger, db }: Host) {
    this.#db = db;
    this.#logger = logger;
    this.stop = addMetricSource(broker, async () => [...this.#lines(), ...(await this.#openDifferences())]);
  }

  /** Reports an answer of a wrong shape, without its values, because they may hold anything. */
  readonly unsound = (operation: string, what: string): void => {
    this.#counts.unsound += 1;
    this.#logger.error(`The payment provider's answer to ${operation} makes no sense: ${what}.`);
  };

  readonly differs = ({ id, order_id, currency, amount }: PaymentRow, difference: Difference): void => {
    this.#counts.difference += 1;
    const { fields, status, currency: theirs, authorized, captured, refunded } = difference;
    this.#logger.error(
      `The payment ${id} of the order ${order_id} needs attention: the provider differs in ${fields.join(", ")}. ` +
        `We expect ${amount} ${currency}; its charge is ${status}, with ${authorized} ${theirs} authorized, ` +
        `${captured} captured and ${refunded} refunded.`,
    );
  };

  /** Reports that a dispute has begun or moved. */
  readonly disputed = ({ order_id }: PaymentRow, { id, status, amount, currency }: DisputeRow): void => {
    this.#disputes[status] = (this.#disputes[status] ?? 0) + 1;
    this.#logger.warn(`The dispute ${id} of the order ${order_id} about ${amount} ${currency} is ${status}.`);
  };

  async #openDifferences(): Promise<readonly string[]> {
    return [
      `# HELP ${DIFFERENCES} Differences of daily reports that nobody has settled.`,
      `# TYPE ${DIFFERENCES} gauge`,
      `${DIFFERENCES} ${await openDifferences(this.#db)}`,
    ];
  }

  *#lines(): Iterable<string> {
    yield `# HELP ${NAME} Answers of the payment provider that make no sense, or differ from our books.`;
    yield `# TYPE ${NAME} counter`;
    for (const [kind, count] of Object.entries(this.#counts)) yield `${NAME}{kind="${kind}"} ${count}`;
    yield `# HELP ${DISPUTES} Disputes of customers' banks that have come into a state.`;
    yield `# TYPE ${DISPUTES} counter`;
    for (const status of disputeStatuses) yield `${DISPUTES}{status="${status}"} ${this.#disputes[status] ?? 0}`;
  }
}
