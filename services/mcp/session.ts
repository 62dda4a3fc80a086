/** What one request may see and do: the SDK's server is made anew for each, so that gateways keep nothing between them. */
import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "#core/context.ts";
import type { Language } from "#core/text.ts";
import { callingOptions } from "#mixins/gateway/caller.ts";
import type { Problems } from "#mixins/gateway/problems.ts";
import type { Trace } from "#mixins/gateway/trace.ts";
import { authorize, type Guarded } from "#mixins/middlewares/auth.middleware.ts";
import type { Accepted } from "#mixins/middlewares/contract.middleware.ts";
import manifest from "../../package.json" with { type: "json" };
import { resourceContents, resourceFailure, toolFailure, toolResult } from "./answer.ts";
import type { Confirmations } from "./confirmation.ts";
import type { Metrics } from "./metrics.ts";
import type { Offer } from "./offer.ts";
import { agreed, canAsk } from "./question.ts";
import { findResource, type Resource } from "./resource.ts";

/** Who sends a request. */
export interface Asking {
  readonly trace: Trace;
  readonly language: Language | undefined;
  readonly region: string | undefined;
  readonly token: string | undefined;
  readonly caller: Caller | undefined;
}

/** What all requests share. */
export interface Shared {
  readonly broker: ServiceBroker;
  readonly offers: ReadonlyMap<string, Offer>;
  readonly resources: readonly Resource[];
  readonly confirmations: Confirmations;
  readonly problems: Problems;
  readonly metrics: Metrics;
}

type Options = ReturnType<typeof callingOptions> & Accepted;
type Round = ServerContext["mcpReq"];

const instructions = `The actions of a shop as tools, for the person whose access token this connection carries.
Amounts of money are whole numbers of the currency's smallest unit: 39000 KRW is 39000, 12.50 USD is 1250.
Lists come in pages: ask again with \`cursor\` set to \`nextCursor\`.
What moves money or stock, and what staff change, is done only after the person has agreed. Where the client cannot ask them, the first call changes nothing and answers MCP_CONFIRMATION_REQUIRED with what will happen: show it to the person, and call again with the same arguments and the confirmation only if they agree.
A failure is JSON with \`code\`, \`title\` and \`detail\`, which says what to do.`;

const guarded = ({ action: name, definition: { auth, seenByStaff = false } }: Offer): Guarded => ({
  name,
  auth,
  seenByStaff,
});

export class Session {
  readonly #shared: Shared;
  readonly #asking: Asking;

  constructor(shared: Shared, asking: Asking) {
    this.#shared = shared;
    this.#asking = asking;
  }

  server(): Server {
    const server = new Server(
      { name: "madang", title: "Madang", version: manifest.version },
      { capabilities: { tools: {}, resources: {} }, instructions },
    );
    server.setRequestHandler("tools/list", (_, { mcpReq }) => ({
      tools: this.#own().map(({ tool, confirmedTool }) => (canAsk(mcpReq) ? tool : confirmedTool)),
    }));
    server.setRequestHandler("tools/call", ({ params }, { mcpReq }) => this.#call(params, mcpReq));
    server.setRequestHandler("resources/list", () => ({ resources: this.#shown(false) }));
    server.setRequestHandler("resources/templates/list", () => ({
      resourceTemplates: this.#shown(true).map(({ uri: uriTemplate, ...about }) => ({ uriTemplate, ...about })),
    }));
    server.setRequestHandler("resources/read", ({ params }) => this.#read(params.uri));
    return server;
  }

  /** Tools that the person may use; all others are as if they were not there. */
  #own(): Offer[] {
    return [...this.#shared.offers.values()].filter((offer) => this.#may(offer));
  }

  #may(offer: Offer): boolean {
    try {
      authorize(guarded(offer), this.#asking.caller);
      return true;
    } catch {
      return false;
    }
  }

  #shown(hasParameters: boolean) {
    return this.#shared.resources
      .filter(({ offer, parameters }) => parameters.length > 0 === hasParameters && this.#may(offer))
      .map(({ offer: { name, definition }, uri }) => ({
        uri,
        name,
        title: definition.summary,
        mimeType: definition.file ?? "application/json",
      }));
  }

  async #call(
    { name, arguments: given = {} }: CallToolRequest["params"],
    round: Round,
  ): Promise<CallToolResult | InputRequiredResult> {
    const offer = this.#shared.offers.get(name);
    if (!offer) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 100)}`);
    const { metrics } = this.#shared;
    try {
      const answer = await this.#perform(offer, given, round);
      metrics.count(name, "ok");
      return answer;
    } catch (error) {
      const problem = this.#problemOf(name, error);
      metrics.count(name, problem.code);
      return toolFailure(problem, this.#asking.trace.traceId);
    }
  }

  async #perform(offer: Offer, given: Readonly<Record<string, unknown>>, round: Round) {
    const { caller, language } = this.#asking;
    authorize(guarded(offer), caller);
    if (!offer.needsConfirmation) return toolResult(await this.#ask(offer, offer.accept(given, language)));
    const { confirmation, ...own } = given;
    // Where the client can ask its person, the tool has no argument `confirmation`: it is refused like every unknown argument.
    const input = offer.accept(canAsk(round) ? given : own, language);
    const key = agreed(
      this.#shared.confirmations,
      {
        intent: { person: caller?.id ?? "", tool: offer.name, input },
        summary: offer.definition.summary,
        language: language ?? "en",
      },
      // What is no text is no confirmation of ours.
      { round, confirmation: confirmation === undefined || typeof confirmation === "string" ? confirmation : "" },
    );
    return typeof key === "string" ? toolResult(await this.#ask(offer, input, key)) : key;
  }

  async #read(uri: string) {
    const found = findResource(this.#shared.resources, uri);
    if (!found) throw new ResourceNotFoundError(uri);
    const { offer, input } = found;
    try {
      authorize(guarded(offer), this.#asking.caller);
      const answer = await this.#ask(offer, offer.accept(input, this.#asking.language));
      return { contents: [resourceContents(uri, offer.definition, answer)] };
    } catch (error) {
      throw resourceFailure(uri, this.#problemOf(offer.name, error), this.#asking.trace.traceId);
    }
  }

  #ask({ action, definition, keyRule }: Offer, input: unknown, key?: string): Promise<unknown> {
    const { broker } = this.#shared;
    const { token } = this.#asking;
    const options: Options = callingOptions(this.#asking, token, keyRule === "none" ? undefined : key);
    options.accepted = definition.input;
    return broker.call(action, input, options);
  }

  /** An unexpected failure is logged, because the client learns nothing about it. */
  #problemOf(tool: string, error: unknown) {
    const { broker, problems } = this.#shared;
    const { language, trace } = this.#asking;
    if (!problems.isKnown(error)) broker.logger.error(`${tool} ${trace.traceId}`, error);
    return problems.of(error, language ?? "en");
  }
}
