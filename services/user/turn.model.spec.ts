import { setImmediate as turn } from "node:timers/promises";
import { type Turn, Turns } from "./turn.model.ts";

/** Work that ends when it is told to. */
class Desk {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  work = (name: string) => () => {
    this.begun.push(name);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#ends.set(name, () => resolve(name));
    return promise;
  };

  /** Ends what is under way, and lets the next begin. */
  async end(name: string): Promise<void> {
    this.#ends.get(name)!();
    await turn();
  }
}

const refused = { type: "RATE_LIMITED", code: 429, data: { retryAfter: 2 } };
const stranger = (line: string) => ({ line, isKnown: false });
const known = (line: string) => ({ line, isKnown: true });

describe("turns", () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });

  it("are taken by lines, one of each at a time, whoever came first", async () => {
    const turns = new Turns({ atOnce: 2, waiting: 10 });
    const flood = ["a1", "a2", "a3", "a4"].map((name) => turns.take(stranger("a"), desk.work(name)));
    const others = ["b1", "c1"].map((name) => turns.take(stranger(name[0]!), desk.work(name)));
    expect(desk.begun).toEqual(["a1", "b1"]);
    await desk.end("a1");
    expect(desk.begun).toEqual(["a1", "b1", "a2"]);
    await desk.end("a2");
    expect(desk.begun.at(-1)).toBe("c1");
    for (const name of ["b1", "c1", "a3", "a4"]) await desk.end(name);
    await expect(Promise.all([...flood, ...others])).resolves.toEqual(["a1", "a2", "a3", "a4", "b1", "c1"]);
  });

  it("come to people whom we know before all others", async () => {
    const turns = new Turns({ atOnce: 1, waiting: 10 });
    const all = [turns.take(stranger("a"), desk.work("a")), turns.take(stranger("b"), desk.work("b"))];
    all.push(turns.take(known("owner"), desk.work("owner")));
    await desk.end("a");
    expect(desk.begun).toEqual(["a", "owner"]);
    await desk.end("owner");
    await desk.end("b");
    await Promise.all(all);
  });

  it("are refused to the longest line first when too many wait, and to a known person only behind other known ones", async () => {
    const turns = new Turns({ atOnce: 1, waiting: 3 });
    const take = (one: Turn, name: string) =>
      turns.take(one, desk.work(name)).then(
        () => "done",
        ({ type }: { type: string }) => type,
      );
    const all = ["a0", "a1", "a2", "a3", "a4"].map((name) => take(stranger("a"), name));
    all.push(take(stranger("b"), "b"));
    for (const name of ["o1", "o2", "o3", "o4"]) all.push(take(known("o"), name));
    for (const name of ["a0", "o1", "o2", "o3"]) await desk.end(name);
    const [first, a1, a2, a3, a4, b, ...owners] = await Promise.all(all);
    expect([first, a1, a2, a3, a4, b]).toEqual(["done", ...Array<string>(5).fill("RATE_LIMITED")]);
    expect(owners).toEqual(["done", "done", "done", "RATE_LIMITED"]);
    expect(desk.begun).toEqual(["a0", "o1", "o2", "o3"]);
  });

  it("are refused to those whose turn does not come in time, and go on when work fails", async () => {
    const turns = new Turns({ atOnce: 1, waiting: 3 });
    const slow = turns.take(stranger("a"), desk.work("a"));
    await expect(turns.take({ ...stranger("b"), patience: 20 }, desk.work("b"))).rejects.toMatchObject(refused);
    await desk.end("a");
    await slow;
    await expect(turns.take(stranger("b"), () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    const last = turns.take(stranger("b"), desk.work("b"));
    await desk.end("b");
    await expect(last).resolves.toBe("b");
    expect(desk.begun).toEqual(["a", "b"]);
  });

  it("that take too long are refused while they go on, and the next one begins when they are done", async () => {
    const turns = new Turns({ atOnce: 1, waiting: 1 });
    const slow = turns.take({ ...stranger("a"), patience: 20 }, desk.work("a"));
    const next = turns.take(stranger("b"), desk.work("b"));
    await expect(slow).rejects.toMatchObject(refused);
    expect(desk.begun).toEqual(["a"]);
    await desk.end("a");
    expect(desk.begun).toEqual(["a", "b"]);
    // As many may wait as before: nobody is counted who has left.
    const last = turns.take(stranger("c"), desk.work("c"));
    for (const name of ["b", "c"]) await desk.end(name);
    await expect(Promise.all([next, last])).resolves.toEqual(["b", "c"]);
  });
});
