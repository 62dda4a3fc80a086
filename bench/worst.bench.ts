/**
 * For how long one request can hold the process, that is keep all others waiting: requests made up from the contracts
 * that cost most, as large as they may be. Of each the shortest of a few runs counts, which is its own cost.
 */
import { join } from "node:path";
import document from "../docs/openapi.json" with { type: "json" };
import { freePort } from "../scripts/cluster/ports.ts";
import { bodyLimit } from "#mixins/gateway/body-limit.ts";
import { systemRoutes } from "../services/api/system.ts";
import { Client } from "../test/support/actors/client.ts";
import { type Document, type ApiOperation, operationsOf } from "../test/support/fixtures/operations.ts";
import { Platform } from "../test/support/systems/platform.ts";
import { type HostileRequest, hostileRequests } from "./support/hostile-requests.ts";
import { sendTo } from "./support/raw.ts";
import type { Benchmark, Row } from "./support/table.ts";

const RUNS = 3;
/** Milliseconds. */
const TARGET = 20;
/** What a webhook's text may have, which the document does not tell. */
const RAW = 262_144;

const limitOf = ({ body, raw }: ApiOperation): number => (raw ? RAW : bodyLimit({ input: body ?? {} }));

const rank = ({ method, path }: ApiOperation): number => Number(method !== "GET" && path.startsWith("/api/v1/users/"));

const system = systemRoutes.map((route): ApiOperation => {
  const [method = "", path = ""] = route.split(" ");
  const written = path.replace(/:(\w+)/, "{$1}");
  return { id: route, method, path: written, parameters: [], body: undefined, raw: false, responses: {} };
});

interface Worst {
  readonly milliseconds: number;
  readonly what: string;
}

export const benchmark: Benchmark = {
  title: "The longest time that one request holds the process",
  async run() {
    const port = await freePort();
    const platform = await Platform.start({
      env: {
        RATE_LIMIT: "off",
        TRUST_PROXY: "1",
        HELD_PORT: String(port),
        NODE_OPTIONS: `--import ${join(import.meta.dirname, "support/held.ts")}`,
      },
    });
    const accounts = await platform.accounts();
    const { email, password } = accounts.find(({ role }) => role === "admin")!;
    // Signed in anew for each route, since one of them ends the session.
    const signIn = async (): Promise<string> => {
      const { body } = await new Client(platform.url).post<{ accessToken: string }>("/sessions", { email, password });
      return body.accessToken;
    };
    const send = sendTo(platform.url);
    const held = async () => Number(await (await fetch(`http://127.0.0.1:${port}`)).text()) / 1000;
    const heldBy = async (operation: ApiOperation, made: HostileRequest, token: string): Promise<number> => {
      let shortest = Infinity;
      for (let run = 0; run < RUNS && shortest > TARGET / 10; run += 1) {
        await held();
        await send(operation.method, made, token);
        shortest = Math.min(shortest, await held());
      }
      return shortest;
    };
    const worstOf = async (operation: ApiOperation): Promise<Worst> => {
      let worst: Worst = { milliseconds: 0, what: "" };
      const token = await signIn();
      for (const made of hostileRequests(operation, limitOf(operation))) {
        const milliseconds = await heldBy(operation, made, token);
        if (milliseconds > worst.milliseconds) worst = { milliseconds, what: made.what };
      }
      return worst;
    };
    const rows: Row[] = [];
    const operations = operationsOf(document as unknown as Document);
    // What may remove who asks comes last.
    for (const operation of [...operations, ...system].toSorted((a, b) => rank(a) - rank(b))) {
      const { milliseconds, what } = await worstOf(operation);
      const value = `${milliseconds.toFixed(1)} ms`;
      rows.push({ what: `${operation.method} ${operation.path}: ${what}`, value, target: `≤ ${TARGET} ms` });
    }
    await platform.dispose();
    return rows;
  },
};
