/** The addresses of a setting as the settings of Kafka's client. */
import type { BaseOptions, SASLMechanismValue } from "@platformatic/kafka";
import { ConfigError } from "#core/config.ts";

const PORT = "9092";
const mechanisms: readonly SASLMechanismValue[] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/**
 * @param url such as `kafkas://user:password@one:9092?mechanism=SCRAM-SHA-512,kafkas://two:9092`: the first address says how to sign
 *   in, by PLAIN unless it names another mechanism
 * @param setting the name of the setting
 * @throws ConfigError for a mechanism that is not supported
 */
export function addressOf(
  url: string,
  setting = "BUS_URL",
): Pick<BaseOptions, "bootstrapBrokers" | "sasl" | "tls" | "tlsServerName"> {
  const parts = url.split(",").map((part) => new URL(part.trim()));
  const { protocol, username, password, searchParams } = parts[0]!;
  const named = searchParams.get("mechanism") ?? "PLAIN";
  const mechanism = mechanisms.find((one) => one === named);
  if (!mechanism)
    throw new ConfigError(`${setting} names the mechanism "${named}", but it must be one of ${mechanisms.join(", ")}.`);
  return {
    bootstrapBrokers: parts.map(({ hostname, port }) => `${hostname}:${port || PORT}`),
    ...(username && {
      sasl: { mechanism, username: decodeURIComponent(username), password: decodeURIComponent(password) },
    }),
    ...(protocol === "kafkas:" && { tls: {}, tlsServerName: true }),
  };
}
