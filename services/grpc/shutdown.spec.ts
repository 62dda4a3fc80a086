/** The end of a gRPC gateway: nobody who was accepted goes without an answer. */
import { tokenOf } from "../../test/support/actors/people.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { bookEvents, sleepingCalls } from "../../test/support/systems/sample-gateway.ts";
import { startGrpc } from "../../test/support/systems/sample-grpc.ts";

const of = (method: string) => `/madang.book.v1.BookService/${method}`;

describe("a gateway that stops", () => {
  it("answers what it has, ends live streams as ones to be opened again, and takes nothing new", async () => {
    const { client, broker } = await startGrpc();
    const stream = client.follow<object>(of("Watch"), { id: "1" }, { token: await tokenOf("hal", "customer") });
    bookEvents.push({ id: "9", event: "book.read", data: {} });
    await eventually(() => stream.items.length > 0);
    const call = jest
      .spyOn(broker, "call")
      .mockImplementationOnce(
        () => new Promise((resolve) => sleepingCalls.push(() => resolve({ id: "1", title: "Late", version: 1 }))),
      );
    sleepingCalls.length = 0;
    const late = client.call(of("Get"), { id: "1" });
    await eventually(() => sleepingCalls.length === 1);
    call.mockRestore();
    const stopped = broker.stop();
    expect(await stream.ended).toMatchObject({ code: "UNAVAILABLE", reason: "SERVICE_UNAVAILABLE" });
    expect(await client.failure(of("Get"), { id: "1" })).toMatchObject({ code: "UNAVAILABLE" });
    sleepingCalls.forEach((end) => end());
    expect((await late).body).toMatchObject({ title: "Late" });
    await stopped;
    client.close();
  });
});
