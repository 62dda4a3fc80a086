/** What the deployment opens beside the shop: gRPC and agents by their profiles, and films from the upload to the player. */
import { Agent } from "../support/actors/agent.ts";
import { Client, orderOf } from "../support/actors/client.ts";
import { GrpcClient } from "../support/actors/grpc-client.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Deployment, type SignIn } from "./deployment.ts";

const PATIENCE = 300_000;

interface Order {
  readonly id: string;
  readonly status: string;
}

let deployment: Deployment;
let staff: Client;
let staffToken: string;
let customer: Client;
let token: string;
let productId: string;

beforeAll(async () => {
  deployment = await Deployment.copy("COMPOSE_PROFILES=grpc,mcp", "API_REPLICAS=1", "ORDER_REPLICAS=1");
  await deployment.run("docker compose up --detach --build --wait");
  await deployment.seed();
  const visitor = new Client(deployment.url);
  const signIn = async ({ email, password }: SignIn) =>
    (await visitor.post<{ accessToken: string }>("/sessions", { email, password })).body.accessToken;
  staffToken = await signIn(await deployment.administrator());
  staff = new Client(deployment.url, staffToken);
  const account = { email: "ann@example.test", password: "correct horse battery", name: "Ann" };
  await visitor.post("/users", account);
  token = await signIn(account);
  customer = new Client(deployment.url, token);
  const { body } = await visitor.get<{ items: { id: string }[] }>("/products?sort=price&limit=1");
  productId = body.items[0]!.id;
});
afterAll(() => deployment.remove());

async function orderOverGrpc(): Promise<Order> {
  const client = new GrpcClient(deployment.grpc);
  try {
    const metadata = { "idempotency-key": crypto.randomUUID() };
    return (await client.call<Order>("/madang.order.v1.OrderService/Create", orderOf(productId), { token, metadata }))
      .body;
  } finally {
    client.close();
  }
}

const isOrdered = async ({ id }: Order) => (await customer.get<Order>(`/orders/${id}`)).body.id === id;

describe("the profile grpc", () => {
  it("opens a gateway on a port of this machine", async () => {
    expect(await isOrdered(await orderOverGrpc())).toBe(true);
  });

  it("has several behind HAProxy with deploy/grpc.yml", async () => {
    await deployment.run(
      "printf 'COMPOSE_FILE=docker-compose.yml:docker-compose.override.yml:deploy/grpc.yml\\nGRPC_REPLICAS=2\\n' >> .env",
    );
    await deployment.run("docker compose up --detach --wait");
    expect(deployment.healthy("grpc")).toEqual([2]);
    const order = await eventually(() => orderOverGrpc().catch(() => null), PATIENCE);
    expect(await isOrdered(order)).toBe(true);
  });
});

describe("the profile mcp", () => {
  it("opens a gateway for agents at the shop's address", async () => {
    const agent = await Agent.connect(`${deployment.url}/mcp`, { token });
    expect(await agent.tools()).toEqual(expect.arrayContaining(["product_list", "order_create"]));
    const { items } = await agent.call<{ items: object[] }>("product_list", { limit: 1 });
    expect(items).toHaveLength(1);
    await agent.close();
  });
});

/** A film of this many seconds, made by the image that encodes films. */
async function footage(seconds: number): Promise<Buffer> {
  const sources = `-f lavfi -i testsrc2=size=640x360:rate=25 -f lavfi -i sine=frequency=440 -t ${seconds}`;
  const codecs = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -f matroska";
  return Buffer.from(
    await deployment.run(
      `docker compose exec -T content sh -c 'ffmpeg -nostdin -v error ${sources} ${codecs} - | base64 -w 0'`,
    ),
    "base64",
  );
}

/** Answers the upload's id. */
async function upload(film: Buffer): Promise<string> {
  const headers = { "tus-resumable": "1.0.0", authorization: `Bearer ${staffToken}` };
  const begun = await fetch(`${deployment.url}/uploads/`, {
    method: "POST",
    headers: { ...headers, "upload-length": `${film.length}` },
  });
  expect(begun.status).toBe(201);
  const path = begun.headers.get("location")!;
  const sent = await fetch(deployment.url + path, {
    method: "PATCH",
    headers: { ...headers, "upload-offset": "0", "content-type": "application/offset+octet-stream" },
    body: film,
  });
  expect(sent.status).toBe(204);
  return path.split("/").at(-1)!;
}

describe("a film", () => {
  it("is uploaded, encoded, and played from the edge", async () => {
    const film = await footage(4);
    const sourceId = await upload(film);
    const { body: video } = await staff.post<{ id: string }>("/videos", {
      kind: "film",
      titles: { en: { title: "The Yard" } },
      rating: 0,
      rights: [{}],
    });
    expect((await staff.post(`/videos/${video.id}/encodings`, { sourceId, publish: true })).status).toBe(202);
    const encoding = await eventually(async () => {
      const { body } = await staff.get<{ state: string; endedAt: string | null }>(`/videos/${video.id}/encoding`);
      return body.endedAt && body;
    }, PATIENCE);
    expect(encoding).toMatchObject({ state: "done", failure: null });

    const { body: plans } = await customer.get<{ items: { id: string }[] }>("/plans");
    const subscription = { planId: plans.items[0]!.id, paymentMethod: "tok_success" };
    expect((await customer.post("/subscription", subscription)).status).toBe(201);
    const { body: profile } = await customer.post<{ id: string }>("/profiles", { name: "Ann" });
    const session = await eventually(async () => {
      const wanted = { profileId: profile.id, videoId: video.id };
      const { status, body } = await customer.post<{ manifestUrl: string }>("/playback/sessions", wanted);
      return status === 201 ? body : null;
    }, PATIENCE);
    // At the edge's own port, as the answer says, and by the load balancer.
    for (const address of [session.manifestUrl, new URL(new URL(session.manifestUrl).pathname, deployment.url).href])
      await plays(address);
  });
});

/** Follows the playlists as players do; every segment comes whole. */
async function plays(address: string): Promise<void> {
  const text = async (url: string) => {
    const answer = await fetch(url);
    expect([url, answer.status]).toEqual([url, 200]);
    return answer.text();
  };
  const isAddress = (line: string) => line !== "" && !line.startsWith("#");
  const rung = (await text(address)).split("\n").find(isAddress);
  const playlist = new URL(rung!, address).href;
  const segments = (await text(playlist)).split("\n").filter(isAddress);
  expect(segments.length).toBeGreaterThan(0);
  for (const segment of segments) {
    const answer = await fetch(new URL(segment, playlist));
    expect([segment, answer.status, (await answer.bytes()).length > 0]).toEqual([segment, 200, true]);
  }
}
