/** The OpenAPI document: valid, complete, committed as it is served; and every error told in both languages. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { errorCode } from "#core/contract.ts";
import { kinds, sharedErrors } from "#core/errors.ts";
import { Market } from "../support/market.ts";
import { operationsOf, type Document } from "../support/operations.ts";
import { contracts, root } from "../support/source.ts";

let market: Market;
let document: Document;
let served: string;
beforeAll(async () => {
  market = await Market.open();
  served = await (await fetch(`${market.url}/openapi.json`)).text();
  document = JSON.parse(served) as Document;
});
afterAll(() => market.close());

const committed = (path: string): string => readFileSync(join(root, path), "utf8");

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(served) as Record<string, unknown>)).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  it("is committed as it is served", () => {
    expect(JSON.parse(committed("docs/openapi.json"))).toEqual(document);
  });

  it("has every route of every contract, and no other", () => {
    const declared = [...contracts.values()].flatMap(({ name, version, actions }) =>
      Object.entries(actions).flatMap(([key, { rest }]) =>
        rest ? [`${name}.${key} ${rest.replace(" ", ` /api/v${version}`).replaceAll(/:(\w+)/g, "{$1}")}`] : [],
      ),
    );
    const documented = operationsOf(document).map(({ id, method, path }) => `${id} ${method} ${path}`);
    expect(documented.toSorted()).toEqual(declared.toSorted());
  });

  it("documents every error that an action may answer under the status of its kind", () => {
    for (const { id, responses } of operationsOf(document)) {
      const [service, key] = id.split(".") as [string, string];
      const { actions, errors = {} } = contracts.get(service)!;
      for (const code of actions[key]!.errors ?? []) {
        const { kind } = errors[code] ?? sharedErrors[code as keyof typeof sharedErrors];
        expect([id, responses[kinds[kind].status]?.codes]).toEqual([
          id,
          expect.arrayContaining([errorCode(service, code)]),
        ]);
      }
    }
  });
});

describe("errors", () => {
  const own = [...contracts.values()].flatMap(({ name, errors = {} }) =>
    Object.entries(errors).map(([key, definition]) => ({
      service: name,
      key,
      code: errorCode(name, key),
      ...definition,
    })),
  );
  const shared = Object.entries(sharedErrors).map(([code, definition]) => ({ code, ...definition }));
  const all = [...shared, ...own];

  it.each(all)("$code has a title in English and one in Korean", ({ title }) => {
    expect(title.en).toMatch(/^[A-Z][ -~]+[^.]$/);
    expect(title.ko).toMatch(/[가-힣]/);
  });

  it("have codes of their own", () => {
    const codes = all.map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  it.each(own)("$code is answered by an action", ({ service, key }) => {
    const { actions } = contracts.get(service)!;
    expect(Object.values(actions).filter(({ errors = [] }) => errors.includes(key))).not.toEqual([]);
  });

  it.each(all)("$code is explained behind its problem's type", async ({ code, title, kind }) => {
    const answer = await fetch(`${market.url}/problems/${code}`);
    expect(await answer.json()).toMatchObject({ code, title, status: kinds[kind].status });
  });

  it("are all in docs/errors.md, and nothing else is", () => {
    const path = "docs/errors.md";
    if (!existsSync(join(root, path))) return;
    const told = [...committed(path).matchAll(/^\|\s*`([A-Z_]+)`/gm)].map(([, code]) => code!);
    expect(told.toSorted()).toEqual(all.map(({ code }) => code).toSorted());
  });
});
