/** @databases postgres: it is what is tested */
import { freePort } from "../../scripts/cluster/ports.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { emptyDatabase, ownPostgres } from "../../test/support/systems/storage.ts";
import { reachServer } from "./open.ts";

const server = await ownPostgres();

describe("reachServer", () => {
  const lines: string[] = [];
  const reach = (url: string, patience?: number) =>
    reachServer({ url, name: "spec", size: 1 }, (line) => lines.push(line), patience);
  const fault = (url: string, patience?: number) =>
    reach(url, patience).then(
      () => null,
      ({ name, message }: Error) => ({ name, message }),
    );

  beforeEach(() => void (lines.length = 0));

  it("says nothing of a server that is there", async () => {
    await reach(await emptyDatabase());
    expect(lines).toEqual([]);
  });

  it("waits for a server that starts later, and says so once", async () => {
    const url = await emptyDatabase();
    await server.stop();
    const reached = reach(url);
    await eventually(() => lines.length);
    await server.restart();
    await reached;
    expect(lines).toEqual([`Waiting for PostgreSQL at 127.0.0.1:${server.port} (ECONNREFUSED).`]);
  });

  it("refuses at once, in one sentence without the password, what waiting does not mend", async () => {
    const url = await emptyDatabase();
    const missing = await fault(url.replace(/\/[^/]+$/, "/ghost"));
    expect(missing).toEqual({
      name: "ConfigError",
      message: expect.stringMatching(
        /^PostgreSQL at 127\.0\.0\.1:\d+ refuses the database ghost: database "ghost" does not exist; check DATABASE_URL\.$/,
      ),
    });
    const wrong = await fault(url.replace(/:[^:@]+@/, ":sesame@"));
    expect(wrong).toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining("password authentication failed"),
    });
    expect(wrong!.message).not.toContain("sesame");
    expect(lines).toEqual([]);
  });

  it("gives up on a server that stays away", async () => {
    const port = await freePort();
    expect(await fault(`postgres://ann:sesame@127.0.0.1:${port}/notes`, 100)).toEqual({
      name: "ConfigError",
      message: `PostgreSQL at 127.0.0.1:${port} cannot be reached (ECONNREFUSED): start it, or change DATABASE_URL.`,
    });
  });
});
