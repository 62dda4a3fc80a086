/**
 * Makes the secrets of a deployment, each once: `node deploy/secrets.mjs`, or without Node on the machine
 * `docker run --rm -v "$PWD:/app" -w /app --user "$(id -u)" node:24-bookworm-slim node deploy/secrets.mjs`.
 */
import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const folder = join(root, "deploy/secrets");

/** Without characters that mean something in a URL, a shell or NATS's configuration, and beginning with a letter. */
const random = () => `s${randomBytes(24).toString("hex")}`;

/** What the file holds; made when it is missing. Inside the closed folder, the container's user must be able to read it. */
function secret(name, make = random) {
  const path = join(folder, name);
  if (!existsSync(path)) {
    writeFileSync(path, make(), { mode: 0o444 });
    process.stdout.write(`made deploy/secrets/${name}\n`);
  }
  return readFileSync(path, "utf8");
}

const passwordOf = (url) => new URL(url).password;
const natsUrl = (user) => secret(`${user}_transporter`, () => `nats://${user}:${random()}@nats:4222`);

mkdirSync(folder, { recursive: true, mode: 0o700 });
chmodSync(folder, 0o700);

const services = readdirSync(join(root, "services"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const names = services.map(({ name }) => name);
const nats = Object.fromEntries(
  [...names, "node", "streams", "guest"].map((user) => [user, passwordOf(natsUrl(user))]),
);
nats.detection = passwordOf(secret("nats_system_url", () => `nats://detection:${random()}@nats:4222`));
for (const name of names.filter((one) => existsSync(join(root, "services", one, "migrations")))) {
  const database = name.replaceAll("-", "_");
  secret(`${database}_database_url`, () => `postgres://${database}:${random()}@postgres:5432/${database}`);
}

const variable = (user) => `NATS_${user.toUpperCase().replaceAll("-", "_")}_PASSWORD`;
const passwords = Object.entries(nats).map(([user, password]) => `${variable(user)}=${password}\n`);
// Follows from the others, so that a new service's user is added.
const passwordFile = join(folder, "nats_passwords");
if (existsSync(passwordFile)) chmodSync(passwordFile, 0o644);
writeFileSync(passwordFile, passwords.join(""));
chmodSync(passwordFile, 0o444);

const redis = passwordOf(secret("redis_url", () => `redis://:${random()}@redis:6379`));
secret("redis_password", () => `requirepass ${redis}\n`);
secret("postgres_password");
secret("service_key");
secret("sandbox_key");
secret("sandbox_secret");
const privateKey = JSON.parse(
  secret("token_private_key", () =>
    JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })),
  ),
);
secret("token_public_key", () =>
  JSON.stringify(createPublicKey({ key: privateKey, format: "jwk" }).export({ format: "jwk" })),
);
