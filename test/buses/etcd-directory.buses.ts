/** Nodes that read each other's heartbeats in etcd, with real servers that are killed, frozen and wiped. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EtcdDirectory } from "#mixins/node/etcd.directory.ts";
import { type Server, startEtcd } from "../../scripts/cluster/servers.ts";
import { directoryConformance } from "../support/systems/directory-conformance.ts";

const ask = async (url: string, path: string, body: object) => {
  const answer = await fetch(`${url}/v3/${path}`, { method: "POST", body: JSON.stringify(body) });
  expect([path, answer.status]).toEqual([path, 200]);
};

describe("nodes with a directory in etcd", () =>
  directoryConformance({
    kind: "etcd3",
    start: (folder) => startEtcd({ folder }),
    forget: (url) => ask(url, "kv/deleterange", { key: "AA==", range_end: "AA==" }),
  }));

describe("a directory in etcd", () => {
  const folder = mkdtempSync(join(tmpdir(), "madang-etcd-"));
  const patience = 10_000;
  let etcd: Server;

  beforeAll(async () => {
    etcd = await startEtcd({ folder });
  });
  afterAll(async () => {
    await etcd.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is asked at another member when one does not answer", async () => {
    const directory = new EtcdDirectory(`http://127.0.0.1:1,${etcd.url}`, patience);
    expect(await directory.exchange("order.one", "a")).toEqual(new Map([["order.one", "a"]]));
    expect(await directory.exchange("order.one", "b")).toEqual(new Map([["order.one", "b"]]));
    await directory.remove("order.one");
    expect(await directory.exchange("order.two", "c")).toEqual(new Map([["order.two", "c"]]));
  });

  it("is signed in to, where it has users", async () => {
    const { url } = etcd;
    await ask(url, "auth/user/add", { name: "root", password: "p@ss" });
    await ask(url, "auth/role/add", { name: "root" });
    await ask(url, "auth/user/grant", { user: "root", role: "root" });
    await ask(url, "auth/enable", {});
    const as = (user: string) => new EtcdDirectory(url.replace("//", `//${user}`), patience);
    expect((await as("root:p%40ss@").exchange("order.one", "a")).get("order.one")).toBe("a");
    await expect(as("root:wrong@").exchange("order.one", "a")).rejects.toThrow("authentication failed");
    await expect(as("").exchange("order.one", "a")).rejects.toThrow("user name is empty");
  });
});
