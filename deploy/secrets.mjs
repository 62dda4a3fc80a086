/**
 * Makes the secrets that docker-compose.yml names, each once: `node deploy/secrets.mjs`, or without Node on the machine
 * `docker run --rm -v "$PWD:/app" -w /app --user "$(id -u)" node:24-bookworm-slim node deploy/secrets.mjs`.
 */
import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "secrets");
const compose = readFileSync(join(import.meta.dirname, "../docker-compose.yml"), "utf8");
const names = [...compose.matchAll(/file: deploy\/secrets\/([\w-]+)/g)].map(([, name]) => name);

/** Without characters that mean something in a URL, a shell or NATS's configuration, and beginning with a letter. */
const random = () => `s${randomBytes(24).toString("hex")}`;
const passwordOf = (url) => new URL(url).password;
const text = (key) => JSON.stringify(key.export({ format: "jwk" }));

/** What a secret holds whose name ends so; any other is a random word. */
const makers = {
  _transporter: (user) => `nats://${user}:${random()}@nats:4222`,
  _database_url: (name) => `postgres://${name}:${random()}@postgres:5432/${name}`,
  nats_system_url: () => `nats://detection:${random()}@nats:4222`,
  nats_passwords: natsPasswords,
  redis_url: () => `redis://:${random()}@redis:6379`,
  kafka_url: () => `kafka://madang:${random()}@kafka:9092`,
  kafka_password: () => passwordOf(secret("kafka_url")),
  rabbitmq_url: () => `amqp://madang:${random()}@rabbitmq:5672`,
  rabbitmq_password: () => passwordOf(secret("rabbitmq_url")),
  redis_password: () => `requirepass ${passwordOf(secret("redis_url"))}\n`,
  token_private_key: () => text(generateKeyPairSync("ed25519").privateKey),
  token_public_key: () => text(createPublicKey({ key: JSON.parse(secret("token_private_key")), format: "jwk" })),
};

/** What the file holds; made when it is missing. Inside the closed folder, the container's user must be able to read it. */
function secret(name) {
  const path = join(folder, name);
  const isThere = existsSync(path);
  // The passwords follow from the others, so that a new service's user is added.
  if (!isThere || name === "nats_passwords") {
    const ending = Object.keys(makers).find((one) => name.endsWith(one));
    const draft = `${path}.draft`;
    // Left by a run that ended before the rename; it can be read only.
    rmSync(draft, { force: true });
    writeFileSync(draft, ending ? makers[ending](name.slice(0, -ending.length)) : random());
    chmodSync(draft, 0o444);
    renameSync(draft, path);
  }
  if (!isThere) process.stdout.write(`made deploy/secrets/${name}\n`);
  return readFileSync(path, "utf8");
}

/** By variable the password of each user of NATS. */
function natsPasswords() {
  const urls = names.filter((name) => name.endsWith("_transporter") || name === "nats_system_url").map(secret);
  const lines = urls.map((url) => {
    const { username, password } = new URL(url);
    return `NATS_${username.toUpperCase().replaceAll("-", "_")}_PASSWORD=${password}\n`;
  });
  return lines.join("");
}

mkdirSync(folder, { recursive: true, mode: 0o700 });
chmodSync(folder, 0o700);
for (const name of names) secret(name);
