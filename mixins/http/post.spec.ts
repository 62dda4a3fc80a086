/** What a client names as an address is looked up and checked for each connection. */
import { type LookupAddress, promises as dns } from "node:dns";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { WebhookReceiver } from "../../test/support/actors/webhook-receiver.ts";
import { post } from "./post.ts";

let receiver: WebhookReceiver;
beforeAll(async () => (receiver = await WebhookReceiver.open()));
afterAll(() => receiver.close());

const send = (url: string, mayReach: (address: string) => boolean, signal = AbortSignal.timeout(60_000)) =>
  post(new URL(url), { headers: {}, body: "{}", signal, mayReach });

describe("post", () => {
  const named = () => receiver.url.replace("127.0.0.1", "localhost");

  it("reaches an address that may be reached, by its name too", async () => {
    await expect(send(receiver.url, () => true)).resolves.toMatchObject({ status: 204, error: null });
    await expect(send(named(), (address) => address === "127.0.0.1")).resolves.toMatchObject({ status: 204 });
  });

  it("sends nothing to another, whatever the name", async () => {
    const before = receiver.received.length;
    const refused = { status: null, error: "ADDRESS_REFUSED" };
    await expect(send(receiver.url, () => false)).resolves.toMatchObject(refused);
    await expect(send(named(), () => false)).resolves.toMatchObject(refused);
    expect(receiver.received).toHaveLength(before);
  });

  it("asks again for each connection, since a name may lead elsewhere the next time", async () => {
    const asked: string[] = [];
    let isThere = true;
    const mayReach = (address: string) => (asked.push(address), isThere);
    await expect(send(named(), mayReach)).resolves.toMatchObject({ status: 204 });
    isThere = false;
    await expect(send(named(), mayReach)).resolves.toMatchObject({ error: "ADDRESS_REFUSED" });
    const addresses: LookupAddress[] = await dns.lookup("localhost", { all: true });
    expect(new Set(asked)).toEqual(new Set(addresses.map(({ address }) => address)));
  });

  it.each([
    ["CLOSED", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
    ["HPE_INVALID_CONSTANT", "nonsense\r\n\r\n"],
    ["ECONNRESET", ""],
  ])("tells %s of a receiver whose answer is none", async (error, answer) => {
    const server = createServer((socket) => socket.once("data", () => socket.end(answer))).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await expect(send(`http://127.0.0.1:${port}/`, () => true)).resolves.toEqual({ status: null, error });
    server.close();
  });

  it("tells of a receiver that is slow or away", async () => {
    receiver.answer = () => "never";
    await expect(send(receiver.url, () => true, AbortSignal.timeout(50))).resolves.toMatchObject({ error: "TIMEOUT" });
    await expect(send("http://127.0.0.1:1/", () => true)).resolves.toMatchObject({ error: "ECONNREFUSED" });
    await expect(send("http://nobody.invalid/", () => true)).resolves.toMatchObject({ status: null });
  });
});
