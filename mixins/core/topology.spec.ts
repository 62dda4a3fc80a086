import { spawnSync } from "node:child_process";

/** What a process says that reads these settings; nothing when they fit together. */
function told(environment: Readonly<Record<string, string>>): string {
  const { stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", 'await import("#core/topology.ts")'],
    { encoding: "utf8", env: { DATA_DIR: process.env.DATA_DIR!, ...environment } },
  );
  return /^ConfigError: (.*)$/m.exec(stderr)?.[1] ?? stderr;
}

const NATS = "nats://127.0.0.1:4222";

describe("topology", () => {
  it.each<[Readonly<Record<string, string>>, RegExp]>([
    [{ BUS: "nats" }, /^BUS is nats, so BUS_URL must be set to a NATS server, or TRANSPORTER to nats:\/\/…\.$/],
    [{ BUS: "nats", BUS_URL: NATS }, /^BUS is nats, so TRANSPORTER must be set too\.$/],
    [{ TRANSPORTER: NATS, BUS: "local", SERVICES: "order" }, /^With BUS=local the events of one node reach no other: /],
    [{ DISCOVERER: "redis" }, /^DISCOVERER is redis, so DISCOVERER_URL must be set\.$/],
    [{ DISCOVERER: "redis", DISCOVERER_URL: "http://etcd" }, /^DISCOVERER is redis, but DISCOVERER_URL is .+\.$/],
    [{ DISCOVERER: "etcd3", DISCOVERER_URL: "redis://redis" }, /^DISCOVERER is etcd3, but DISCOVERER_URL is .+\.$/],
    [{ DATABASE_URL: "postgres://db" }, /^DATABASE_URL must end with the name of a database, e\.g\. .+\.$/],
    [{ DATABASE_URL: "postgres://db/" }, /^DATABASE_URL must end with the name of a database, e\.g\. .+\.$/],
  ])("tells in one sentence that settings do not fit together: %j", (environment, sentence) => {
    expect(told(environment)).toMatch(sentence);
  });

  it.each([
    {},
    { TRANSPORTER: "nats://ann:secret@a:4222,nats://b:4222", SERVICES: "order" },
    { TRANSPORTER: "tcp://" },
    { DATABASE_URL: "postgresql://ann:secret@db:5432/{service}?sslmode=verify-full" },
    { DISCOVERER: "etcd3", DISCOVERER_URL: "http://a:2379,http://b:2379" },
  ])("takes %j", (environment) => {
    expect(told(environment)).toBe("");
  });
});
