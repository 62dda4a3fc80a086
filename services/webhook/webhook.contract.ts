/** The contract of the webhook service: merchants' systems are told of events, signed, and again until they answer. */
import { defineContract, job } from "#core/contract.ts";
import { refused } from "#core/errors.ts";
import { Strict } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { jobs } from "#mixins/jobs/jobs.contract.ts";
import { deliveryActions } from "./delivery.contract.ts";
import { endpointActions } from "./endpoint.contract.ts";
import { forwarded } from "./message.contract.ts";

export const webhook = defineContract("webhook", {
  summary: "Webhooks: events for the systems of merchants",
  blocks: [audit, inbox, jobs],
  subscribes: forwarded,
  errors: {
    ENDPOINTS_FULL: refused(
      "No more endpoints can be registered",
      "엔드포인트를 더 등록할 수 없습니다",
      "Remove an endpoint that is no longer used, then try again.",
      "더 이상 사용하지 않는 엔드포인트를 삭제한 다음 다시 시도해 주세요.",
    ),
    NOT_ACTIVE: refused(
      "The endpoint is not active",
      "활성 상태가 아닌 엔드포인트입니다",
      "Set its `status` to `active` first.",
      "먼저 엔드포인트의 `status`를 `active`로 변경해 주세요.",
    ),
  },
  jobs: {
    removeOld: job({ summary: "Remove old deliveries from the log", input: Strict({}), cron: "23 * * * *" }),
  },
  actions: { ...endpointActions, ...deliveryActions },
});

declare module "#core/contract.ts" {
  interface Contracts {
    webhook: typeof webhook;
  }
}
