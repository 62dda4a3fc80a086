/** What a spec on PostgreSQL finds: all services keep their rows there, in databases of this spec file alone. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import SpecEnvironment from "./environment.mjs";

export default class PostgresEnvironment extends SpecEnvironment {
  #prefix = `s${randomBytes(6).toString("hex")}_`;

  async setup() {
    await super.setup();
    Object.assign(this.global.process.env, {
      DATABASE_URL: process.env.SPEC_POSTGRES_URL.replace(/[^/]+$/, `${this.#prefix}{service}`),
      // Many ask at once, and on a busy machine each holds its connection for long.
      DATABASE_TIMEOUT: "60000",
    });
  }

  async teardown() {
    const client = new pg.Client({ connectionString: process.env.SPEC_POSTGRES_URL });
    await client.connect();
    const made = "select datname as name from pg_database where starts_with(datname, $1)";
    for (const { name } of (await client.query(made, [this.#prefix])).rows)
      await client.query(`drop database ${client.escapeIdentifier(name)} with (force)`);
    await client.end();
    await super.teardown();
  }
}
