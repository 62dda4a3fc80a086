/** A process that writes notes for as long as it lives and prints the id of each that was acknowledged. */
import { SqliteDatabase } from "#mixins/database/sqlite/database.ts";
import { insertNote, note, type NoteTables } from "./notes-service.ts";

const db = new SqliteDatabase<NoteTables>(process.argv[2]!);

for (let round = 0; ; round += 1) {
  const ids = Array.from({ length: 20 }, (_, index) => `${round}-${index}`);
  await Promise.all(
    ids.map(async (id) => {
      await db.write((tx) => tx.run(insertNote, note(id)));
      process.stdout.write(`${id}\n`);
    }),
  );
}
