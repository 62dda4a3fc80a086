/** The next release of the project, in a folder of its own: as this one, but the saga of an order has a step more. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../fixtures/source.ts";

/** What a node runs; the packages are only linked. */
const parts = ["deploy", "mixins", "moleculer.config.ts", "package.json", "scripts", "services", "tsconfig.json"];

type Change = readonly [from: string, to: string];

/** What is changed to renew the stock before the payment is asked for. */
const changes: Readonly<Record<string, readonly Change[]>> = {
  "services/order/order.saga.ts": [
    ["export const placeOrder: SagaDefinition", "export const placeOrderNow: SagaDefinition"],
    ["...placeOrder,", "...placeOrderNow,"],
    [
      "const about = ",
      `export const placeOrder: SagaDefinition<PlaceOrder, Host> = {
  ...placeOrderNow,
  version: 4,
  steps: placeOrderNow.steps.toSpliced(1, 0, { name: "renewStock", do: reserveStock, undo: releaseStock }),
};

const about = `,
    ],
  ],
  "services/order/order.service.ts": [
    ["saga(placeOrder, ", "saga(placeOrder, placeOrderNow, "],
    ["import { placeOrder,", "import { placeOrder, placeOrderNow,"],
  ],
};

export class NextRelease {
  readonly folder: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "madang-release-"));
    for (const part of parts) cpSync(join(root, part), join(this.folder, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    for (const [path, edits] of Object.entries(changes)) this.#change(path, edits);
  }

  #change(path: string, edits: readonly Change[]): void {
    let text = readFileSync(join(this.folder, path), "utf8");
    for (const [from, to] of edits) {
      if (!text.includes(from))
        throw new Error(`${path} has no "${from}": what the next release changes there is out of date.`);
      text = text.replace(from, to);
    }
    writeFileSync(join(this.folder, path), text);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
