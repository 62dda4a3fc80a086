/** Finds Kafka's jars: where KAFKA_HOME says, or where Maven has put them once. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "#core/config.ts";
import { config, runs } from "./binaries.ts";

const cache = join(import.meta.dirname, "../../node_modules/.cache");
const fetched = join(cache, "kafka");

const hasJars = (home: string): boolean => globSync(join(home, "libs/kafka_*.jar")).length > 0;

/** Into a folder of its own first, since the process may end halfway, and two may want it at once. */
function fetch(): void {
  process.stderr.write("Fetching Kafka with Maven …\n");
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "kafka-"));
  const pom = join(import.meta.dirname, "kafka.pom.xml");
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${join(draft, "libs")}`];
  const { stdout } = spawnSync("mvn", ["--batch-mode", "--quiet", "--file", pom, ...goal], { encoding: "utf8" });
  if (!hasJars(draft)) throw new ConfigError(`Maven could not fetch Kafka:\n${stdout}`);
  if (existsSync(fetched)) rmSync(draft, { recursive: true });
  else renameSync(draft, fetched);
}

/** The folder with Kafka's libs/. @throws ConfigError that says what is missing */
export function kafkaHome(): string {
  const chosen = config.KAFKA_HOME;
  if (!runs("java", "-version"))
    throw new ConfigError("java was not found, which Kafka needs (on Debian: apt-get install default-jre-headless).");
  if (chosen !== null) {
    if (hasJars(chosen)) return chosen;
    throw new ConfigError(`KAFKA_HOME names ${chosen}, which has no libs/kafka_*.jar.`);
  }
  if (hasJars(fetched)) return fetched;
  if (!runs("mvn", "--version"))
    throw new ConfigError(
      "Kafka was not found: set KAFKA_HOME to its folder (https://kafka.apache.org/downloads), or install Maven, which fetches it.",
    );
  fetch();
  return fetched;
}
