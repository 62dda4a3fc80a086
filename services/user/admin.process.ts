/** `npm run admin -- you@example.com`: makes somebody an administrator, in this data folder or through the nodes of a cluster. */
import { randomBytes } from "node:crypto";
import { giveUp } from "#mixins/node/fault.ts";
import { joinLocalCluster } from "#mixins/node/join.ts";
import type { UserTables } from "./user.repository.ts";

interface Candidate {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}
type Appointed = { readonly created: boolean };

/** Also while the platform runs: SQLite takes one change from a second process, which serves nothing and tells nothing. */
async function inDataFolder(candidate: Candidate): Promise<Appointed> {
  const [{ openDatabase }, { migrationsIn }, { hashPassword }, { newAccount }, users, sessions, mails] =
    await Promise.all([
      import("#mixins/database/open.ts"),
      import("#mixins/database/migrate.ts"),
      import("./password-hash.model.ts"),
      import("./user.model.ts"),
      import("./user.repository.ts"),
      import("./session.repository.ts"),
      import("./mail.repository.ts"),
    ]);
  const db = await openDatabase<UserTables>({
    service: "user",
    cache: null,
    warn: console.error,
    isShared: true,
  });
  try {
    await db.migrate(await migrationsIn(new URL("./migrations/", import.meta.url)));
    const { password, ...person } = candidate;
    const passwordHash = await hashPassword(password);
    const account = newAccount({
      ...person,
      language: "en",
      roles: ["admin"],
      passwordHash,
      isVerified: true,
      isOnce: true,
    });
    return await db.write(async (tx) => {
      const found = await users.addOrFind(tx, account, true);
      if (found.created) await sessions.endOthers(tx, found.id);
      if (found.created) tx.add(mails.endLinks(found.id));
      return found;
    });
  } finally {
    await db.close();
  }
}

/** @throws Error when no node of the user service is reached */
async function throughNodes(candidate: Candidate): Promise<Appointed> {
  const [{ commandBroker }, { workContext }] = await Promise.all([
    import("#mixins/node/command.ts"),
    import("#core/context.ts"),
  ]);
  const broker = await commandBroker();
  const asking = broker.createService({ name: "admin" });
  await broker.start();
  await broker.waitForServices(["v1.user"], 30_000);
  const appointed = await workContext(asking).call("user.seed", {
    ...candidate,
    language: "en",
    roles: ["admin"],
    grant: true,
  });
  await broker.stop();
  return appointed;
}

async function appoint(): Promise<void> {
  const { ConfigError } = await import("#core/config.ts");
  const { mailbox } = await import("#core/email.ts");
  const [address = "", ...others] = process.argv.slice(2);
  const email = mailbox(address);
  if (others.length > 0 || email === undefined)
    throw new ConfigError("Usage: npm run admin -- you@example.com, with one e-mail address.");
  joinLocalCluster();
  const { topology } = await import("#mixins/node/topology.ts");
  const candidate = { email, password: randomBytes(15).toString("hex"), name: "Administrator" };
  const { created } = await (topology.isCluster ? throughNodes(candidate) : inDataFolder(candidate));
  console.log(
    created
      ? `${email} is an administrator. The password, shown this once: ${candidate.password}\n` +
          "Sign in with it and change it (POST /api/v1/users/me/password): until then it can do what customers can."
      : `${email} had an account and is an administrator now; the password stays what it was.`,
  );
  process.exit();
}

appoint().catch(giveUp);
