/** An agent that speaks for a person through the MCP gateway, as the SDK's own client has it speak. */
import { type CallToolResult, Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

/** What the person says when their client asks them. */
export type Answer = "yes" | "no" | "closed" | "unticked";

export interface AgentOptions {
  readonly token?: string;
  /** The client can ask its person, who says this; without it, it cannot. */
  readonly person?: Answer;
  /** The protocol of 2025, whose clients begin with a handshake. */
  readonly isOld?: boolean;
  readonly language?: "en" | "ko";
}

/** A failure as the model reads it. */
export interface Failure {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly confirmation?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

const REVISION = "2026-07-28";

const answers = {
  yes: { action: "accept", content: { confirm: true } },
  no: { action: "decline" },
  closed: { action: "cancel" },
  unticked: { action: "accept", content: { confirm: false } },
} as const;

export class Agent {
  readonly client: Client;
  /** What the person was shown. */
  readonly questions: string[] = [];

  private constructor({ person, isOld = false }: AgentOptions) {
    this.client = new Client(
      { name: "agent", version: "1.0.0" },
      {
        capabilities: person ? { elicitation: { form: {} } } : {},
        versionNegotiation: { mode: isOld ? "legacy" : { pin: REVISION } },
      },
    );
    if (person)
      this.client.setRequestHandler("elicitation/create", ({ params }) => {
        this.questions.push(params.message);
        return answers[person];
      });
  }

  static async connect(url: string, options: AgentOptions = {}): Promise<Agent> {
    const agent = new Agent(options);
    const { token, language } = options;
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(language === undefined ? {} : { "accept-language": language }),
    };
    await agent.client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    return agent;
  }

  async tools(): Promise<readonly string[]> {
    return (await this.client.listTools()).tools.map(({ name }) => name);
  }

  /** The answer of the tool. @throws Error with the failure where it fails */
  async call<Answered = Record<string, unknown>>(name: string, args: object = {}): Promise<Answered> {
    const { isError, structuredContent, content } = await this.#result(name, args);
    if (isError) throw new Error(JSON.stringify(content));
    return structuredContent as Answered;
  }

  /** The failure of the tool. @throws Error with the answer where it succeeds */
  async failure(name: string, args: object = {}): Promise<Failure> {
    const { isError, content } = await this.#result(name, args);
    const [told] = content;
    if (!isError || told?.type !== "text") throw new Error(JSON.stringify(content));
    return JSON.parse(told.text) as Failure;
  }

  async read<Shown = Record<string, unknown>>(uri: string): Promise<Shown> {
    const { contents } = await this.client.readResource({ uri });
    return JSON.parse((contents[0] as { text: string }).text) as Shown;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  async #result(name: string, args: object): Promise<CallToolResult> {
    return this.client.callTool({ name, arguments: args as Record<string, unknown> });
  }
}
