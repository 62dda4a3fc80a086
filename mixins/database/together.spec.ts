import { together } from "./together.ts";

const later = <T>(value: T) => new Promise<T>((resolve) => setImmediate(() => resolve(value)));
const fails = async (message: string) => Promise.reject(new Error(await later(message)));

describe("together", () => {
  it("answers what each part answers", async () => {
    expect(await together(later(1), later("two"))).toEqual([1, "two"]);
  });

  it("fails as the first part that fails, whichever fails first, once all have ended", async () => {
    let ended = false;
    const slow = fails("slow").finally(() => (ended = true));
    await expect(together(later(1), slow, Promise.reject(new Error("quick")))).rejects.toThrow("slow");
    expect(ended).toBe(true);
  });
});
