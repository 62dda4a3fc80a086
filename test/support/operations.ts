/** The operations of an OpenAPI document, with what specs want to know of them. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, unknown>>;
}

interface Described {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Described>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, Described>>;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
}

/** What an operation answers with one status. */
export interface Response {
  /** Of JSON; undefined where there is no body, or another kind of it. */
  readonly schema: Schema | undefined;
  /** Of problems. */
  readonly codes: readonly string[];
}

export interface KnownOperation {
  /** `<service>.<action>` */
  readonly id: string;
  readonly method: string;
  /** With parameters as `{name}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Of the JSON body; undefined where there is none. */
  readonly body: Schema | undefined;
  /** The body is text that somebody has signed. */
  readonly raw: boolean;
  /** By status. */
  readonly responses: Readonly<Record<string, Response>>;
}

/** A schema without references, as deep as it goes. */
export function whole(document: Document, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((one) => whole(document, one));
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref } = schema as { $ref?: string };
  if ($ref) return whole(document, document.components.schemas[$ref.slice("#/components/schemas/".length)]);
  return Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, whole(document, one)]));
}

function responseOf(document: Document, described: Described): Response {
  const { content = {} } = described.$ref
    ? document.components.responses[described.$ref.slice("#/components/responses/".length)]!
    : described;
  const { schema } = content["application/json"] ?? {};
  return {
    schema: schema && (whole(document, schema) as Schema),
    codes: Object.keys(content["application/problem+json"]?.examples ?? {}),
  };
}

/** Every method of every path. */
export const operationsOf = (document: Document): KnownOperation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters, requestBody, responses }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
      parameters: parameters.map((one) => ({ ...one, schema: whole(document, one.schema) as Schema })),
      body: whole(document, requestBody?.content["application/json"]?.schema) as Schema | undefined,
      raw: requestBody?.content["*/*"] !== undefined,
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, responseOf(document, response)]),
      ),
    })),
  );
