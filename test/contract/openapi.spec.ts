/** The OpenAPI document: valid, complete, committed as it is served; and every error told in both languages. */
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { Validator } from "@seriousme/openapi-schema-validator";
import { platform } from "#core/config.ts";
import { errorCode } from "#core/contract.ts";
import { kinds, sharedErrors } from "#core/errors.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { operationsOf, type Document } from "../support/fixtures/operations.ts";
import { contracts, filesOf, root } from "../support/fixtures/source.ts";

let allServices: AllServices;
let document: Document;
let served: string;
beforeAll(async () => {
  // With all gateways whose contracts name errors.
  allServices = await AllServices.open({ MCP_PORT: "0" });
  served = await (await fetch(`${allServices.url}/openapi.json`)).text();
  document = JSON.parse(served) as Document;
});
afterAll(() => allServices.close());

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
        expect([id, responses[kinds[kind].code]?.codes]).toEqual([
          id,
          expect.arrayContaining([errorCode(service, code)]),
        ]);
      }
    }
  });
});

describe("what generators of clients read", () => {
  type Node = Readonly<Record<string, unknown>>;
  const nodes = (value: unknown): Node[] =>
    typeof value === "object" && value !== null
      ? [...(Array.isArray(value) ? [] : [value as Node]), ...Object.values(value).flatMap(nodes)]
      : [];
  /** Every schema of the document, wherever it stands; examples are none. */
  const schemas = () =>
    nodes(JSON.parse(served, (key, value: unknown) => (key.startsWith("example") ? undefined : value))).filter(
      ({ type, anyOf, enum: values }) => typeof type === "string" || Array.isArray(type) || anyOf || values,
    );
  const faulty = (isFault: (schema: Node) => boolean) => schemas().filter(isFault);

  it("has names that generators can use: a constructor in Go is called New and its type, and Java names what a list holds", () => {
    const names = Object.keys((document.components as { schemas: object }).schemas);
    expect(names.filter((name) => names.includes(name.replace(/^New/, "")) && name.startsWith("New"))).toEqual([]);
    expect(faulty(({ items }) => (items as Node | undefined)?.["enum"] !== undefined)).toEqual([]);
  });

  it("has a type beside every enum, and none of one value", () => {
    expect(schemas().length).toBeGreaterThan(300);
    expect(faulty((one) => Array.isArray(one["enum"]) && one["type"] === undefined)).toEqual([]);
  });

  it("says int64 where 32 bits are not enough", () => {
    const isLong = ({ maximum = Infinity }: Node) => (maximum as number) > 2 ** 31 - 1;
    expect(faulty((one) => one["type"] === "integer" && isLong(one) !== (one["format"] === "int64"))).toEqual([]);
  });

  it("has no pattern beside date-time, and no anyOf for what may be null", () => {
    expect(faulty(({ format, pattern }) => format === "date-time" && pattern !== undefined)).toEqual([]);
    const isNullable = ({ anyOf = [] }: Node) =>
      (anyOf as Node[]).length === 2 && (anyOf as Node[]).some(({ type }) => type === "null");
    expect(faulty((one) => isNullable(one) && !(one["anyOf"] as Node[]).some(({ $ref }) => $ref))).toEqual([]);
  });

  it("has named shapes: none stands inline in a body or an answer", () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const media = operations.flatMap(({ requestBody, responses }) =>
      [requestBody, ...Object.values(responses)].flatMap((one) => Object.entries(one?.content ?? {})),
    );
    const inline = media.filter(([type, { schema }]) => type.endsWith("json") && schema["properties"]);
    expect(inline).toEqual([]);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(["Money", "Order", "Problem", "User"]),
    );
  });

  it("has an example of every parameter, body and answer, each as its schema wants it", () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ route: `${method} ${path}`, ...operation })),
    );
    const known = Object.fromEntries(
      operationsOf(document).map((one) => [`${one.method.toLowerCase()} ${one.path}`, one]),
    );
    for (const { route, parameters, requestBody, responses } of operations) {
      const { body, responses: answers, parameters: schemasOf } = known[route]!;
      const pairs: [string, unknown, unknown][] = [
        ...parameters.map(
          (one, index) => [one.name, schemasOf[index]!.schema, one.example] as [string, unknown, unknown],
        ),
        ...(body
          ? [["body", body, requestBody!.content["application/json"]!.example] as [string, unknown, unknown]]
          : []),
        ...Object.entries(responses).flatMap(([status, { content }]) =>
          answers[status]?.schema
            ? [[status, answers[status].schema, content!["application/json"]!.example] as [string, unknown, unknown]]
            : [],
        ),
      ];
      for (const [what, schema, example] of pairs)
        expect([route, what, example, Value.Errors(schema as TSchema, example)]).toEqual([route, what, example, []]);
    }
  });

  it("tells a live stream's events, each with its data", () => {
    const { content } = document.paths["/api/v1/orders/{id}/events"]!["get"]!.responses["200"]!;
    const events = content!["text/event-stream"] as unknown as { "x-events": Record<string, { data: Node }> };
    expect(Object.keys(events["x-events"])).toEqual([
      "order.placed",
      "order.confirmed",
      "order.cancelled",
      "order.shipped",
      "order.delivered",
      "order.delivery_failed",
      "order.items_cancelled",
      "order.refunded",
      "order.return_requested",
      "order.return_approved",
      "order.return_rejected",
      "order.returned",
      "order.parked",
    ]);
    for (const { data } of Object.values(events["x-events"])) expect(data["$ref"]).toMatch(/Event$/);
  });

  it("tells the events of every live stream", () => {
    const streams = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap(({ responses }) => {
        const media = responses["200"]?.content?.["text/event-stream"] as { "x-events"?: object } | undefined;
        return media ? [[path, Object.keys(media["x-events"] ?? {})] as const] : [];
      }),
    );
    expect(streams.filter(([, events]) => events.length === 0)).toEqual([]);
    expect(streams).toContainEqual(["/api/v1/jobs/payment/{id}/events", ["job.changed"]]);
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

  /** What a service serves below a path of its own is no action. */
  const isOfMount = ({ service, key }: (typeof own)[number]) =>
    filesOf(service)
      .map((path) => readFileSync(path, "utf8"))
      .some((code) => code.includes("#mixins/http/mount.ts") && code.includes(`.error("${key}"`));

  // A gateway without actions answers its errors itself.
  const ofActions = own.filter(({ service }) => Object.keys(contracts.get(service)!.actions).length > 0);
  it.each(ofActions.filter((one) => !isOfMount(one)))("$code is answered by an action", ({ service, key }) => {
    const { actions } = contracts.get(service)!;
    expect(Object.values(actions).filter(({ errors = [] }) => errors.includes(key))).not.toEqual([]);
  });

  it.each(all)("$code is explained behind its problem's type", async ({ code, title, kind }) => {
    const answer = await fetch(`${allServices.url}/problems/${code}`);
    expect(await answer.json()).toMatchObject({ code, title, status: kinds[kind].code });
  });

  it("are all in docs/errors.md, and nothing else is", () => {
    const path = "docs/errors.md";
    if (!existsSync(join(root, path))) return;
    const told = [...committed(path).matchAll(/^\|\s*`([A-Z_]+)`/gm)].map(([, code]) => code!);
    expect(told.toSorted()).toEqual(all.map(({ code }) => code).toSorted());
  });
});

describe("the reference page", () => {
  it("has a Korean sentence for every service and operation, and for nothing else", () => {
    const korean = JSON.parse(committed("services/api/pages/docs/summaries.ko.json")) as Record<string, string>;
    const { tags } = JSON.parse(served) as { tags: { name: string }[] };
    const told = [...tags.map(({ name }) => name), ...operationsOf(document).map(({ id }) => id)];
    expect(Object.keys(korean).toSorted()).toEqual(told.toSorted());
    expect(Object.values(korean).filter((sentence) => !/[가-힣]/.test(sentence))).toEqual([]);
  });

  it("learns the demo's customers on this machine only, and never an administrator", async () => {
    const ask = async (headers: Record<string, string>) => {
      const answer = await fetch(`${allServices.url}/docs/demo-accounts`, { headers });
      return ((await answer.json()) as { items: { role: string }[] }).items;
    };
    writeFileSync(
      join(platform.DATA_DIR, "demo-accounts.json"),
      JSON.stringify([{ role: "customer" }, { role: "admin" }]),
    );
    expect(await ask({})).toEqual([{ role: "customer" }]);
    expect(await ask({ "x-forwarded-for": "127.0.0.1" })).toEqual([]);
    expect(await hostedAs(allServices.url, "attacker.example")).toEqual([]);
  });
});

/** The same question under another name, which `fetch` does not let anybody send. */
async function hostedAs(url: string, host: string): Promise<unknown[]> {
  const [answer] = (await once(request(`${url}/docs/demo-accounts`, { headers: { host } }).end(), "response")) as [
    IncomingMessage,
  ];
  return ((await json(answer)) as { items: unknown[] }).items;
}
