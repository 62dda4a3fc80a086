/** The data folder: one process has it, its disk may be full, its files may be damaged or another's. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../support/actors/client.ts";
import { openDatabase } from "../support/invariants/invariants.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Platform } from "../support/systems/platform.ts";
import { SmallDisk } from "../support/systems/small-disk.ts";

let folder: string;
let platform: Platform | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "madang-folder-"));
});
afterEach(async () => {
  await platform?.dispose();
  platform = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts two services that are expected to give up, and answers what they say: all of them would load much more code. */
async function refusal(dataDir: string, largestFile?: number): Promise<string> {
  const env = { SERVICES: "product,user" };
  const refused = await Platform.launch({ env, dataDir, ...(largestFile === undefined ? {} : { largestFile }) });
  expect(await refused.ended()).toBe(1);
  return refused.output;
}

const oneSentence = (text: RegExp) => new RegExp(`^${text.source}\\n$`);
const health = async ({ url }: Platform) =>
  (await (await fetch(`${url}/health`)).json()) as { status: string; dependencies: { name: string; status: string }[] };
const readiness = async ({ url }: Platform) => (await fetch(`${url}/readyz`)).status;

describe("two processes", () => {
  it("cannot have one data folder, until the first is gone, however it ends", async () => {
    platform = await Platform.start();
    const { dataDir } = platform;
    expect(await refusal(dataDir)).toMatch(
      oneSentence(/Another process of Madang uses the data folder \S+: end it first, or set DATA_DIR to another\./),
    );
    expect(await readiness(platform)).toBe(200);
    await platform.end("SIGKILL");
    platform = await Platform.start({ dataDir });
    expect(await health(platform)).toMatchObject({ status: "ok" });
  });
});

describe("a full disk", () => {
  const full = oneSentence(/The disk of \S+ is full or failing \(.+\): make room there, or set DATA_DIR to another\./);

  it("ends the start with one sentence", async () => {
    // Files of at most 32 kB: the tables do not fit.
    expect(await refusal(mkdtempSync(join(folder, "limited-")), 32_768)).toMatch(full);
    const disk = SmallDisk.make(8);
    if (!disk) return;
    try {
      disk.fill();
      expect(await refusal(disk.path)).toMatch(oneSentence(/.*(?:is full or failing|no room is left on its disk).*\./));
    } finally {
      disk.dispose();
    }
  });

  it("is told while running, makes the node not ready, and is over when there is room", async () => {
    const disk = SmallDisk.make(64);
    platform = await Platform.start(disk ? { dataDir: disk.path } : { largestFile: 600_000 });
    const running = platform;
    expect(await health(running)).toMatchObject({ status: "ok" });
    const names = /cannot be written \(.+\): nothing can be written until there is room\./g;
    if (disk) disk.fill();
    else await fillByOrders(running);
    try {
      await eventually(async () => (await health(running)).status === "degraded", 60_000);
      expect((await health(running)).dependencies).toContainEqual(
        expect.objectContaining({ name: "storage", status: "away" }),
      );
      expect(await readiness(running)).toBe(503);
      // The log may still be on its way.
      await eventually(() => running.output.match(names));
      expect(running.output.match(names)).toHaveLength(1);
      if (disk) disk.makeRoom();
      else makeRoom(running.dataDir);
      await eventually(async () => (await readiness(running)) === 200, 60_000);
      expect(await health(running)).toMatchObject({ status: "ok" });
      await eventually(() => /can be written again\./.test(running.output));
    } finally {
      await running.end("SIGKILL");
      disk?.dispose();
    }
  });

  /** Writes until nothing more can be: where no disk may be mounted, files are limited. */
  async function fillByOrders({ url }: Platform): Promise<void> {
    for (let person = 0; ; person += 1) {
      const body = { email: `p${person}@example.test`, password: "a long enough one", name: "P" };
      const { status } = await new Client(url).post("/users", body);
      if (status === 503) return;
    }
  }

  function makeRoom(dataDir: string): void {
    const database = openDatabase(dataDir, "user");
    database.exec("pragma wal_checkpoint(truncate)");
    database.close();
  }
});

describe("a database", () => {
  let original: string;
  beforeAll(async () => {
    original = mkdtempSync(join(folder, "original-"));
    const first = await Platform.start({ dataDir: original });
    await first.accounts();
    await first.end();
  });

  const copy = () => {
    const dataDir = mkdtempSync(join(folder, "copy-"));
    copyFileSync(join(original, "user.db"), join(dataDir, "user.db"));
    return dataDir;
  };

  it.each<[string, (path: string) => void]>([
    ["that is no database", (path) => writeFileSync(path, "x".repeat(10_000))],
    ["that was cut off", (path) => truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096)],
    [
      "with a broken page",
      (path) => {
        const bytes = readFileSync(path);
        bytes.fill(0xff, 4096 * 3, 4096 * 6);
        writeFileSync(path, bytes);
      },
    ],
  ])("%s is told with what to do", async (_, damage) => {
    const dataDir = copy();
    damage(join(dataDir, "user.db"));
    expect(await refusal(dataDir)).toMatch(
      oneSentence(
        /The database \S+user\.db is damaged \(.+\): restore it from a backup, or move it away to begin anew\./,
      ),
    );
  });

  it("of something else is left as it is", async () => {
    const dataDir = copy();
    copyFileSync(join(dataDir, "user.db"), join(dataDir, "product.db"));
    const before = readFileSync(join(dataDir, "product.db"));
    expect(await refusal(dataDir)).toMatch(
      oneSentence(
        /The database \S+product\.db was made by something else \(its migration \d+_\w+ is not known here\): .+\./,
      ),
    );
    expect(readFileSync(join(dataDir, "product.db")).equals(before)).toBe(true);
  });

  it("of a newer release is told, and left alone", async () => {
    const dataDir = copy();
    const database = openDatabase(dataDir, "user");
    database.exec("insert into kysely_migration (name, timestamp) values ('9999_future', '2999-01-01')");
    database.close();
    platform = await Platform.start({ env: { SERVICES: "api,user" }, dataDir });
    expect(platform.output).toMatch(/A newer release has changed the database \(9999_future\): run it again, or /);
  });
});

it("may have blanks in its path, and be relative to the project", () => {
  const dataDir = join(folder, "with blanks");
  const { stderr, status } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "mixins/node/seed.ts"],
    {
      cwd: join(import.meta.dirname, "../.."),
      env: { ...process.env, NODE_OPTIONS: "", DATA_DIR: dataDir },
      encoding: "utf8",
    },
  );
  expect([status, stderr]).toEqual([0, ""]);
  expect(statSync(join(dataDir, "user.db")).isFile()).toBe(true);
});
