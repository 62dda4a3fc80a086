/** Ids sort by when they were made, whatever the clock shows. */
import { validate, version } from "uuid";
import { firstIdAt, newId } from "./id.ts";

/** More than are drawn from the system at once, several times over. */
const MANY = 1000;
const made = () => Array.from({ length: MANY }, newId);
const timeOf = (id: string) => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);

afterEach(() => jest.restoreAllMocks());

describe("newId", () => {
  it("makes valid UUIDs of version 7, each with random bits of its own", () => {
    const ids = made();
    expect(ids.filter((id) => !validate(id) || version(id) !== 7)).toEqual([]);
    expect(new Set(ids.map((id) => id.slice(-10))).size).toBe(MANY);
  });

  it("sorts after every earlier one, also within a millisecond and after the clock was set back", () => {
    const at = Date.now() + 60_000;
    const clock = jest.spyOn(Date, "now");
    const ids = [at, at, at - 5000, at + 1].flatMap((moment) => {
      clock.mockReturnValue(moment);
      return made();
    });
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.map(timeOf)).toEqual(ids.map((_, index) => (index < 3 * MANY ? at : at + 1)));
    expect(ids.every((id) => id >= firstIdAt(at))).toBe(true);
  });
});
