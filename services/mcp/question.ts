/** Asks a person before something that matters is done, through their client where it can ask, else through the agent. */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  type InputRequiredResult,
  inputResponse,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { now, timestamp } from "#core/clock.ts";
import type { Language } from "#core/text.ts";
import { type Confirmations, type Intent, LIFETIME } from "./confirmation.ts";
import { mcp } from "./mcp.contract.ts";

type Round = ServerContext["mcpReq"];

/** True for a client that says with this request that it can show its person a form. Clients of 2025 cannot say so. */
export function canAsk({ envelope }: Round): boolean {
  const capabilities = (envelope as Record<string, ClientCapabilities> | undefined)?.[CLIENT_CAPABILITIES_META_KEY];
  const elicitation = capabilities?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** Characters of the arguments that a person is shown. */
const SHOWN = 4000;

const words = {
  en: { ask: "Do you want this?", yes: "Yes, do it", more: (n: number) => `… and ${n} characters more` },
  ko: { ask: "실행할까요?", yes: "네, 실행합니다", more: (n: number) => `… 외 ${n}자` },
} as const;

/** What a person agrees to, in whole: the tool's summary and every argument. */
function questionOf(summary: string, input: unknown, language: Language): string {
  const { ask, more } = words[language];
  const shown = JSON.stringify(input, null, 2);
  const rest = shown.length - SHOWN;
  return `${ask}\n${summary}\n${rest > 0 ? `${shown.slice(0, SHOWN)}\n${more(rest)}` : shown}`;
}

interface Asked {
  readonly intent: Intent;
  readonly summary: string;
  readonly language: Language;
}

/** What the client brings with this call. */
interface Brought {
  readonly round: Round;
  /** The argument of that name. */
  readonly confirmation: string | undefined;
}

/**
 * @returns the idempotency key of what the person agreed to; for a client that can ask, the question at first
 * @throws CONFIRMATION_REQUIRED with a confirmation for the agent, CONFIRMATION_INVALID, NOT_CONFIRMED
 */
export function agreed(
  confirmations: Confirmations,
  asked: Asked,
  { round, confirmation }: Brought,
): string | InputRequiredResult {
  const { intent, summary } = asked;
  if (canAsk(round)) return agreedByClient(confirmations, asked, round);
  if (confirmation !== undefined) return confirmations.check("agent", confirmation, intent);
  throw mcp.error("CONFIRMATION_REQUIRED", {
    confirmation: confirmations.issue("agent", intent),
    expiresAt: timestamp(now() + LIFETIME),
    summary,
  });
}

function agreedByClient(
  confirmations: Confirmations,
  { intent, summary, language }: Asked,
  { requestState, inputResponses }: Round,
): string | InputRequiredResult {
  const state = requestState<string>();
  const response = inputResponse(inputResponses, "confirm");
  // An answer without the state answers no question of ours.
  if (state === undefined || response.kind === "missing")
    return inputRequired({
      inputRequests: {
        confirm: inputRequired.elicit({
          message: questionOf(summary, intent.input, language),
          requestedSchema: {
            type: "object",
            properties: { confirm: { type: "boolean", title: words[language].yes, default: false } },
            required: ["confirm"],
          },
        }),
      },
      requestState: confirmations.issue("client", intent),
    });
  const key = confirmations.check("client", state, intent);
  const isAgreed = response.kind === "elicit" && response.action === "accept" && response.content?.["confirm"] === true;
  if (!isAgreed) throw mcp.error("NOT_CONFIRMED");
  return key;
}
