/** `npm run audit:verify`: walks the audit logs of all services, in the data folder or in the databases that are configured. */
import { existsSync } from "node:fs";
import { dataPath } from "#core/config.ts";
import { giveUp } from "../node/fault.ts";
import { knownServices, withDatabase } from "../node/services.ts";
import { databaseUrl } from "../node/topology.ts";
import { openDatabase } from "../database/open.ts";
import type { AuditTables } from "./tables.ts";
import { verify } from "./verify.ts";

const SHOWN = 20;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns false for a log in which something is wrong */
async function verifyOne(service: string): Promise<boolean> {
  if (databaseUrl(service) === null && !existsSync(dataPath(`${service}.db`))) return true;
  const db = await openDatabase<AuditTables>({ service, cache: null, warn: print, isShared: true });
  try {
    const tables = await db.query.introspection.getTables();
    if (!tables.some(({ name }) => name === "audit_log")) {
      print(`${service}: no audit log yet`);
      return true;
    }
    const { rows, head, faults } = await verify(db, service);
    print(`${service}: ${rows} rows, ${faults.length === 0 ? `whole; the last one is ${head}` : "NOT WHOLE"}`);
    for (const { seq, fault } of faults.slice(0, SHOWN)) print(`  row ${seq}: ${fault}`);
    if (faults.length > SHOWN) print(`  and ${faults.length - SHOWN} more`);
    return faults.length === 0;
  } finally {
    await db.close();
  }
}

try {
  for (const service of withDatabase(knownServices())) if (!(await verifyOne(service))) process.exitCode = 1;
} catch (error) {
  giveUp(error);
}
