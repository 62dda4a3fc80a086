/** The end of a gRPC gateway: nobody who was accepted goes without an answer. */
import { tokenOf } from "../../test/support/actors/people.ts";
import { booksThrough, failureOf, transports } from "../../test/support/actors/web-client.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { bookEvents, sleepingCalls } from "../../test/support/systems/sample-gateway.ts";
import { startGrpc } from "../../test/support/systems/sample-grpc.ts";

const of = (method: string) => `/madang.book.v1.BookService/${method}`;

describe("a gateway that stops", () => {
  it("answers what it has, ends live streams as ones to be opened again, and takes nothing new", async () => {
    const { client, broker, webUrl } = await startGrpc();
    const books = Object.values(transports).map((transport) => booksThrough(transport(webUrl)));
    bookEvents.push({ id: "9", event: "book.read", data: {} });
    const stream = client.follow<object>(of("Watch"), { id: "1" }, { token: await tokenOf("hal", "customer") });
    await eventually(() => stream.items.length > 0);
    const webStreams = books.map(async (one, index) => {
      const headers = { authorization: `Bearer ${await tokenOf(`hal${index}`, "customer")}` };
      const items = one.watch({ id: "1" }, { headers })[Symbol.asyncIterator]();
      await items.next();
      return items;
    });
    const open = await Promise.all(webStreams);
    const answerLate = () =>
      new Promise((resolve) => sleepingCalls.push(() => resolve({ id: "1", title: "Late", version: 1 })));
    const call = jest.spyOn(broker, "call").mockImplementation(answerLate);
    sleepingCalls.length = 0;
    const late = client.call(of("Get"), { id: "1" });
    const webLate = books.map((one) => one.get({ id: "1" }));
    await eventually(() => sleepingCalls.length === 1 + books.length);
    call.mockRestore();
    const stopped = broker.stop();
    const again = { code: "UNAVAILABLE", reason: "SERVICE_UNAVAILABLE" };
    expect(await stream.ended).toMatchObject(again);
    for (const items of open) expect(await failureOf(items.next())).toMatchObject({ ...again, code: "Unavailable" });
    expect(await client.failure(of("Get"), { id: "1" })).toMatchObject({ code: "UNAVAILABLE" });
    await eventually(() =>
      fetch(webUrl).then(
        () => false,
        () => true,
      ),
    );
    sleepingCalls.forEach((end) => end());
    expect((await late).body).toMatchObject({ title: "Late" });
    expect(await Promise.all(webLate)).toMatchObject(books.map(() => ({ title: "Late" })));
    await stopped;
    client.close();
  });
});
