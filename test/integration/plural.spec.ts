import { plural } from "../../scripts/new-service/plural.ts";

describe("plural", () => {
  it.each([
    ["wishlist", "wishlists"],
    ["bus", "buses"],
    ["address", "addresses"],
    ["status", "statuses"],
    ["box", "boxes"],
    ["quiz", "quizzes"],
    ["church", "churches"],
    ["wish", "wishes"],
    ["epoch", "epochs"],
    ["category", "categories"],
    ["toy", "toys"],
    ["shelf", "shelves"],
    ["knife", "knives"],
    ["proof", "proofs"],
    ["photo", "photos"],
    ["hero", "heroes"],
    ["man", "men"],
    ["salesman", "salesmen"],
    ["human", "humans"],
    ["child", "children"],
    ["person", "people"],
    ["analysis", "analyses"],
    ["index", "indices"],
    ["virus", "viruses"],
    ["canvas", "canvases"],
    ["schema", "schemas"],
    ["stock", "stocks"],
    ["gift card", "gift cards"],
    ["loyalty programme category", "loyalty programme categories"],
  ])("of %p is %p", (word, many) => {
    expect(plural(word)).toBe(many);
    expect(plural(many)).toBe(many);
  });

  it.each([
    "news",
    "series",
    "species",
    "equipment",
    "information",
    "media",
    "data",
    "analytics",
    "merchandise",
    "feedback",
    "staff",
    "daily news",
  ])("of %p is itself", (word) => expect(plural(word)).toBe(word));
});
