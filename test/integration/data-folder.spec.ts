/** What a node keeps is for its own account alone, also in a folder that somebody made beforehand with everything open. */
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "../support/actors/client.ts";
import { Platform } from "../support/systems/platform.ts";

it("closes every folder and file to others", async () => {
  const dataDir = mkdtempSync(join(process.env.DATA_DIR!, "open-"));
  // As a version that left them open did.
  mkdirSync(join(dataDir, "keys"), { mode: 0o700 });
  for (const file of ["order.db", "order.db-wal", "order.db-shm"]) {
    writeFileSync(join(dataDir, file), "");
    chmodSync(join(dataDir, file), 0o644);
  }
  chmodSync(dataDir, 0o755);
  const platform = await Platform.start({ dataDir });
  await new Client(platform.url).newCustomer();
  const paths = readdirSync(dataDir, { recursive: true, encoding: "utf8" }).map((path) => join(dataDir, path));
  const open = [dataDir, ...paths].filter((path) => (lstatSync(path).mode & 0o077) !== 0);
  await platform.end();
  expect(open).toEqual([]);
  expect(paths.filter((path) => /\.db(?:-wal|-shm)?$/.test(path)).length).toBeGreaterThan(10);
});
