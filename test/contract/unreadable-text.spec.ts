/** Every string of every route's input: text that nobody could read or two databases would keep in two ways is 422. */
import { AllServices, type Person } from "../support/systems/all-services.ts";
import { stringInputs as cases, sendText } from "../support/fixtures/string-inputs.ts";

let allServices: AllServices;
let admin: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
  admin = await allServices.person("admin");
});
afterAll(() => allServices.close());

const bad = {
  "U+0000": "a\u0000b",
  "a control character": "a\u001bb",
  "a lone surrogate": "a\ud800b",
  "no character": "a\ufdd0b",
  "a bidi override": "a\u202eb",
  "a bidi isolate": "a\u2066b",
  "too many marks": `a${"\u0301".repeat(31)}`,
  "only blanks": " \u3000\u00a0",
  "only zero-width characters": "\u200b\u200d\ufeff",
};
/** They are secrets, not text: nobody sees them. */
const secret = new Set(["U+0000", "a control character", "a lone surrogate"]);

describe("every string that clients send", () => {
  it.each(cases)("%s", async (_, operation, place) => {
    const isSecret = place.schema["format"] === "password";
    const texts = Object.entries(bad).filter(
      ([name]) => (!isSecret || secret.has(name)) && (place.where === "body" || name !== "a lone surrogate"),
    );
    const refuse = async ([name, text]: [string, string]) => {
      const answer = await sendText(allServices, admin, operation, place, isSecret ? text.padEnd(10, "x") : text);
      const problem = (await answer.json()) as { code: string; errors: { pointer: string }[] };
      expect([name, answer.status, problem.code]).toEqual([name, 422, "VALIDATION_FAILED"]);
      expect(problem.errors.map(({ pointer }) => pointer)).toContain(`/${place.path.join("/")}`);
    };
    await Promise.all(texts.map(refuse));
  });
});

describe("every time that clients send", () => {
  const times = cases.filter(([, , { schema }]) => schema["format"] === "date-time");
  const wrong = ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00Z", "2101-01-01T00:00:00Z", "2030-02-30T00:00:00Z"];

  it.each(times)("%s", async (_, operation, place) => {
    const send = async (text: string) => (await sendText(allServices, admin, operation, place, text)).status;
    expect(await Promise.all(wrong.map(send))).toEqual(wrong.map(() => 422));
  });
});
