import { mayBeCard } from "./card.ts";

describe("mayBeCard", () => {
  it.each(["4242424242424242", "4242 4242 4242 4242", "3782-822463-10005", "tok_5555555555554444", "50339619890917"])(
    "suspects %s",
    (text) => expect(mayBeCard(text)).toBe(true),
  );

  it.each(["tok_success", "tok_3ds", "pm_1NXWPnCo6bFb1KQt", "01980000-0000-7000-8000-000000000000", "010-1234-5678"])(
    "lets %s pass",
    (text) => expect(mayBeCard(text)).toBe(false),
  );
});
