/** The contract of the MCP gateway. It offers the actions of others to agents, and asks before it changes what matters. */
import { defineContract } from "#core/contract.ts";
import { refused } from "#core/errors.ts";

export const mcp = defineContract("mcp", {
  summary: "MCP gateway",
  gateway: true,
  errors: {
    CONFIRMATION_REQUIRED: refused(
      "A person must confirm this first",
      "먼저 사용자의 확인이 필요합니다",
      "Nothing has happened yet. Show the person what will happen. When they agree, call again with the same arguments and `confirmation`.",
      "아직 아무것도 실행되지 않았습니다. 실행할 내용을 사용자에게 보여 주고, 동의하면 같은 인자에 `confirmation`을 더해 다시 호출해 주세요.",
    ),
    CONFIRMATION_INVALID: refused(
      "The confirmation does not fit",
      "확인 정보가 맞지 않습니다",
      "It is for another person, tool or arguments, or older than ten minutes. Call without it to get a new one.",
      "다른 사용자나 도구, 다른 인자에 대한 확인이거나 10분이 지났습니다. 확인 없이 호출하여 새로 받아 주세요.",
    ),
    NOT_CONFIRMED: refused(
      "The person did not agree",
      "사용자가 동의하지 않았습니다",
      "Nothing has happened. Ask the person what they want instead.",
      "실행된 내용은 없습니다. 사용자에게 원하는 것을 다시 물어봐 주세요.",
    ),
  },
  actions: {},
});

declare module "#core/contract.ts" {
  interface Contracts {
    mcp: typeof mcp;
  }
}
