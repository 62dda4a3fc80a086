/** What a store that speaks S3 may answer, and ours never does. */
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { S3Storage } from "./s3.storage.ts";

/** A store that does not remove what these lists name, one list for each time it is asked; answers what it was asked for. */
async function stubborn(refusals: readonly (readonly string[])[]) {
  const asked: string[][] = [];
  const answer = async (req: IncomingMessage): Promise<string> => {
    if (req.method !== "POST") return "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    asked.push([...(await text(req)).matchAll(/<Key>([^<]+)/g)].map(([, key]) => key!));
    const refused = (refusals[asked.length - 1] ?? []).map(
      (key) => `<Error><Key>${key}</Key><Code>SlowDown</Code><Message>Later</Message></Error>`,
    );
    return `<?xml version="1.0"?><DeleteResult>${refused.join("")}</DeleteResult>`;
  };
  const server = createServer((req, res) => void answer(req).then((body) => res.end(body))).listen(0, "127.0.0.1");
  await once(server, "listening");
  const storage = S3Storage.open({
    bucket: "films",
    prefix: "",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    accessKey: "key",
    secretKey: "secret key",
  });
  const end = () => {
    storage.close();
    server.close();
    server.closeAllConnections();
  };
  return { storage, asked, end };
}

describe("removing from S3", () => {
  it("asks again for what was not removed, although the answer is 200", async () => {
    const { storage, asked, end } = await stubborn([["v/a"]]);
    await storage.remove("v/a");
    expect(asked).toEqual([["v/a"], ["v/a"]]);
    end();
  });

  it("fails when something stays", async () => {
    const { storage, asked, end } = await stubborn([["v/a"], ["v/a"], ["v/a"]]);
    await expect(storage.remove("v/a")).rejects.toThrow("S3 did not remove 1 objects: SlowDown (Later).");
    expect(asked).toHaveLength(3);
    end();
  });
});
