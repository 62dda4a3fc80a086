/** Which actions of the platform are tools, and what hosts are told of each. */
import type { JsonSchema } from "#core/schema.ts";
import { contracts } from "../../test/support/fixtures/source.ts";
import { type Offer, offersOf } from "./offer.ts";
import { resourcesOf } from "./resource.ts";

const offers = offersOf([...contracts.values()]);
const find = (name: string): Offer => offers.find((offer) => offer.name === name)!;
const names = new Set(offers.map(({ name }) => name));

describe("tools", () => {
  it("are not what would bring passwords and tokens, or everything about a person, into a conversation", () => {
    const ofUser = [
      "signIn",
      "signUp",
      "refresh",
      "changePassword",
      "erase",
      "signInWithCode",
      "signInDevice",
      "resetPassword",
    ];
    const factors = [
      "addSecondFactor",
      "confirmSecondFactor",
      "resetRecoveryCodes",
      "removeSecondFactor",
      "confirmEmail",
    ];
    const secret = ["api_export", "order_createCart", ...[...ofUser, ...factors].map((name) => `user_${name}`)];
    expect(secret.filter((name) => names.has(name))).toEqual([]);
  });

  it("are not what only services call, what is signed, what does not end, and what has no route", () => {
    const others = [
      "payment_authorize",
      "order_receiveTracking",
      "payment_receiveWebhook",
      "order_watch",
      "order_listQuotes",
      "playback_listOwnLikes",
    ];
    expect(others.filter((name) => names.has(name))).toEqual([]);
  });

  it.each(offers)("$name has a name and schemas that every host takes", ({ name, tool, confirmedTool }) => {
    expect(name).toMatch(/^[a-zA-Z][\w-]{0,63}$/);
    expect([tool.inputSchema.type, confirmedTool.inputSchema.type]).toEqual(["object", "object"]);
    expect(JSON.stringify(tool)).not.toMatch(/"format":"(?!uuid|date-time|email)/);
    expect(tool.description).toMatch(/^[A-Z].*\.$/);
  });
});

describe("hints", () => {
  it.each([
    ["product_list", { readOnlyHint: true, destructiveHint: false, idempotentHint: true }],
    ["order_create", { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ["payment_refund", { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ["order_quote", { readOnlyHint: false, destructiveHint: false, idempotentHint: false }],
    ["user_addAddress", { readOnlyHint: false, destructiveHint: false, idempotentHint: false }],
    ["user_editAddress", { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ["user_removeAddress", { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
  ])("of %s follow from its contract", (name, hints) => {
    expect(find(name).tool.annotations).toEqual({ ...hints, openWorldHint: false });
  });
});

describe("a person must agree", () => {
  const asked = offers.filter(({ needsConfirmation }) => needsConfirmation).map(({ name }) => name);

  it("to all that moves money or stock, and to all that staff change", () => {
    const changes = offers.filter(({ definition: { rest, auth, idempotent } }) => {
      const isOfStaff = auth === "staff" || auth === "admin";
      return !rest!.startsWith("GET ") && (isOfStaff || (rest!.startsWith("POST ") && idempotent));
    });
    expect(asked).toEqual(changes.map(({ name }) => name));
    expect(asked).toEqual(
      expect.arrayContaining([
        "order_create",
        "order_cancel",
        "payment_confirm",
        "payment_refund",
        "product_adjustStock",
      ]),
    );
  });

  it("by an argument that only clients see who cannot ask", () => {
    const { tool, confirmedTool } = find("order_create");
    const fields = ({ inputSchema }: Offer["tool"]) => Object.keys((inputSchema as JsonSchema).properties!);
    expect(fields(confirmedTool).filter((name) => !fields(tool).includes(name))).toEqual(["confirmation"]);
  });
});

it("resources are what a route shows by its path alone", () => {
  const uris = resourcesOf(offers).map(({ uri }) => uri);
  expect(uris).toEqual(
    expect.arrayContaining([
      "madang://orders/{id}",
      "madang://orders/{id}/timeline",
      "madang://products/{id}",
      "madang://payments/{id}",
      "madang://users/me",
    ]),
  );
  expect(uris.filter((uri) => /^madang:\/\/(?:orders|products)$/.test(uri))).toEqual([]);
  expect(new Set(uris).size).toBe(uris.length);
});
