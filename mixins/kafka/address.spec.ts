import { addressOf } from "./address.ts";

describe("the address of a Kafka", () => {
  it("names brokers, whose port is 9092 unless it is given", () => {
    expect(addressOf("kafka://one,kafka://two:9093")).toEqual({ bootstrapBrokers: ["one:9092", "two:9093"] });
  });

  it("signs in and encrypts as it says", () => {
    expect(addressOf("kafkas://ann:p%40ss@one?mechanism=SCRAM-SHA-512,kafkas://two")).toEqual({
      bootstrapBrokers: ["one:9092", "two:9092"],
      sasl: { mechanism: "SCRAM-SHA-512", username: "ann", password: "p@ss" },
      tls: {},
      tlsServerName: true,
    });
    expect(addressOf("kafka://ann:secret@one").sasl).toMatchObject({ mechanism: "PLAIN" });
  });

  it("refuses a mechanism that it does not know", () => {
    expect(() => addressOf("kafka://ann:secret@one?mechanism=GSSAPI")).toThrow(
      'BUS_URL names the mechanism "GSSAPI", but it must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512.',
    );
  });
});
