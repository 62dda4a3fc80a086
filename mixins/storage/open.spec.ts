import { ServiceBroker } from "moleculer";
import { ConfigError, defineConfig } from "#core/config.ts";
import { dataDir } from "#core/config.ts";
import { chosenStorage, storageOf } from "./open.ts";
import { place } from "./storage.config.ts";

const parsed = (value: string) => defineConfig("spec", { STORAGE_URL: place("Where.") }, { STORAGE_URL: value });

describe("STORAGE_URL", () => {
  it.each([
    ["file:///srv/films", { folder: "/srv/films" }],
    ["file:///srv/my%20films", { folder: "/srv/my films" }],
    ["s3://films", { bucket: "films", prefix: "" }],
    ["s3://films/a/b/", { bucket: "films", prefix: "a/b/" }],
  ])("takes %s", (value, read) => {
    expect(parsed(value).STORAGE_URL).toEqual(read);
  });

  it.each(["films", "file://host/films", "file:films", "s3://", "s3://A", "s3://films/../x?", "https://s3.example"])(
    "refuses %s in a sentence",
    (value) => {
      expect(() => parsed(value)).toThrow(ConfigError);
    },
  );

  it("is a folder in the data folder by default, one for all services of a node", async () => {
    const broker = new ServiceBroker({ logger: false });
    const storage = await storageOf(broker);
    expect(await storageOf(broker)).toBe(storage);
    expect((await chosenStorage()).localPath("a/b")).toBe(`${dataDir()}/storage/a/b`);
  });
});
