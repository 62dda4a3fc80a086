/** The operations of an OpenAPI document, with what specs want to know of them. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

interface Media {
  readonly schema: Schema;
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
  readonly components: { readonly responses: Readonly<Record<string, Described>> };
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

const codesOf = ({ allOf = [] }: { allOf?: readonly { properties?: { code?: { enum?: string[] } } }[] }): string[] =>
  allOf.flatMap(({ properties }) => properties?.code?.enum ?? []);

function responseOf({ components }: Document, described: Described): Response {
  const { content = {} } = described.$ref
    ? components.responses[described.$ref.slice("#/components/responses/".length)]!
    : described;
  const problem = content["application/problem+json"]?.schema;
  return { schema: content["application/json"]?.schema, codes: problem ? codesOf(problem) : [] };
}

/** Every method of every path. */
export const operationsOf = (document: Document): KnownOperation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters, requestBody, responses }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content["application/json"]?.schema,
      raw: requestBody?.content["*/*"] !== undefined,
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [status, responseOf(document, response)]),
      ),
    })),
  );
