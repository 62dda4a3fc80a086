import { fromCloudEvent, toCloudEvent } from "./cloud-event.ts";

const event = {
  id: "0199",
  type: "note.written",
  version: 2,
  time: "2026-01-01T00:00:00.000Z",
  source: "note",
  subject: "note:1",
  correlationId: "r",
  causationId: "c",
  data: { id: "1" },
};

describe("a CloudEvent", () => {
  it("has the attributes of version 1.0, and extensions in lower case", () => {
    expect(toCloudEvent(event)).toEqual({
      specversion: "1.0",
      id: "0199",
      source: "note",
      type: "note.written",
      subject: "note:1",
      time: "2026-01-01T00:00:00.000Z",
      datacontenttype: "application/json",
      eventversion: 2,
      correlationid: "r",
      causationid: "c",
      data: { id: "1" },
    });
  });

  it("is read as the event that it was made of", () => {
    expect(fromCloudEvent(JSON.stringify(toCloudEvent(event)))).toEqual(event);
  });

  it("is read in the form of earlier releases too", () => {
    expect(fromCloudEvent(JSON.stringify(event))).toEqual(event);
  });

  it.each([
    "",
    "no json",
    "null",
    "[]",
    "7",
    JSON.stringify({ ...toCloudEvent(event), specversion: "0.3" }),
    JSON.stringify({ ...toCloudEvent(event), eventversion: "2" }),
    JSON.stringify({ ...toCloudEvent(event), id: "\u0000" }),
    JSON.stringify({ ...toCloudEvent(event), subject: undefined }),
  ])("is not what is no event of ours: %j", (text) => {
    expect(fromCloudEvent(text)).toBeNull();
  });
});
