/** Every failure as a problem (RFC 9457), in the caller's language, telling nothing that is not meant for clients. */
import { errorCode } from "#core/contract.ts";
import { type ErrorDefinition, type Kind, kinds, type SharedErrorCode, sharedErrors } from "#core/errors.ts";
import type { Described } from "./catalogue.ts";
import type { Language } from "./language.ts";

type Sentence = Readonly<Record<Language, string>>;

const advice: Readonly<Record<Kind, Sentence>> = {
  malformed: { en: "Correct the request and send it again.", ko: "요청을 바로잡아 다시 보내 주세요." },
  unauthenticated: { en: "Send a valid access token.", ko: "유효한 액세스 토큰을 보내 주세요." },
  forbidden: { en: "Your account has no right to do this.", ko: "이 계정에는 필요한 권한이 없습니다." },
  notFound: { en: "It does not exist, or it is not yours.", ko: "존재하지 않거나 접근할 수 없는 항목입니다." },
  methodNotAllowed: {
    en: "The Allow header names the methods.",
    ko: "Allow 헤더에서 허용되는 메서드를 확인해 주세요.",
  },
  conflict: { en: "Read the current state and try again.", ko: "현재 상태를 확인한 뒤 다시 시도해 주세요." },
  refused: { en: "A business rule refused the request.", ko: "업무 규칙에 따라 요청이 거절되었습니다." },
  paymentRefused: { en: "Choose another payment method.", ko: "다른 결제 수단을 선택해 주세요." },
  stale: { en: "Read it again, then repeat your change.", ko: "다시 조회한 뒤 변경해 주세요." },
  tooLarge: { en: "Send at most as many bytes as limit says.", ko: "limit에 적힌 바이트 수 이하로 보내 주세요." },
  unsupportedMedia: { en: "Other formats are not read.", ko: "다른 형식은 처리하지 않습니다." },
  validation: { en: "Correct the request and send it again.", ko: "입력값을 수정한 뒤 다시 보내 주세요." },
  rateLimited: { en: "Wait as long as Retry-After says.", ko: "Retry-After 헤더의 시간만큼 기다려 주세요." },
  internal: { en: "It has been recorded under traceId.", ko: "traceId로 기록되었습니다." },
  notImplemented: { en: "Ask in another way.", ko: "다른 방식으로 요청해 주세요." },
  unavailable: { en: "Try again in a moment.", ko: "잠시 후 다시 시도해 주세요." },
  timeout: {
    en: "It may still have happened: look before you repeat it.",
    ko: "처리되었을 수 있으니 확인 후 다시 시도해 주세요.",
  },
};

/** Moleculer's own errors, told apart by type since classes do not survive the wire. */
const ofMoleculer: Readonly<Record<string, SharedErrorCode>> = {
  SERVICE_NOT_FOUND: "SERVICE_UNAVAILABLE",
  SERVICE_NOT_AVAILABLE: "SERVICE_UNAVAILABLE",
  REQUEST_REJECTED: "SERVICE_UNAVAILABLE",
  QUEUE_FULL: "SERVICE_UNAVAILABLE",
  BAD_GATEWAY: "SERVICE_UNAVAILABLE",
  REQUEST_SKIPPED: "REQUEST_TIMEOUT",
  UNABLE_DECODE_PARAM: "MALFORMED_REQUEST",
};

interface Known {
  readonly code: string;
  readonly definition: ErrorDefinition;
}

const internal: Known = { code: "INTERNAL_ERROR", definition: sharedErrors.INTERNAL_ERROR };

export interface Occurrence {
  readonly language: Language;
  /** The path of the request. */
  readonly instance: string;
  readonly traceId: string;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** What an error tells the client. */
interface Data {
  readonly retryAfter?: number;
  readonly errors?: readonly unknown[];
}

const RETRY_AFTER = 2;

export class Problems {
  readonly #known = new Map<string, ErrorDefinition>(Object.entries(sharedErrors));

  learn({ name, errors }: Described): void {
    for (const [code, definition] of Object.entries(errors)) {
      const known = errorCode(name, code);
      // A shared code means the same everywhere, whatever one service calls it.
      if (known !== code) this.#known.set(known, definition);
    }
  }

  /** False for what nobody foresaw: it must be logged, for the client is told nothing. */
  isKnown(error: unknown): boolean {
    return this.#find(error) !== internal;
  }

  of(error: unknown, { language, instance, traceId }: Occurrence): Problem {
    const { code, definition } = this.#find(error);
    const { kind, title, detail = advice[kind] } = definition;
    const { status } = kinds[kind];
    const data = (error as { data?: Data } | null)?.data;
    // Whoever handles 422 finds the reason in one place, also where it is none of a single field.
    const errors = status === 422 && !data?.errors?.length ? [{ pointer: "", detail: title[language] }] : data?.errors;
    return {
      status,
      code,
      headers: [...challenge(kind, code), ...retryAfter(kind, data?.retryAfter), "Content-Language", language],
      body: JSON.stringify({
        // What a fault knows of the inside stays inside.
        ...(status < 500 ? data : undefined),
        ...(status < 500 && errors ? { errors } : undefined),
        type: `/problems/${code}`,
        title: title[language],
        status,
        detail: detail[language],
        code,
        instance,
        traceId,
      }),
    };
  }

  #find(error: unknown): Known {
    const type = (error as { type?: string } | null)?.type ?? "";
    const code = ofMoleculer[type] ?? type;
    const definition = this.#known.get(code);
    return definition ? { code, definition } : internal;
  }

  /** What the page behind a problem's `type` tells; nothing for a code that does not exist. */
  explain(code: string): object | undefined {
    const definition = this.#known.get(code);
    if (!definition) return undefined;
    const { kind, title, detail = advice[kind] } = definition;
    return { code, status: kinds[kind].status, title, detail, retryable: kinds[kind].retryable };
  }
}

/** RFC 6750 section 3. */
const challenge = (kind: Kind, code: string): readonly string[] =>
  kind !== "unauthenticated"
    ? []
    : [
        "WWW-Authenticate",
        code === "UNAUTHENTICATED" ? 'Bearer realm="madang"' : 'Bearer realm="madang", error="invalid_token"',
      ];

const retryAfter = (kind: Kind, seconds: number | undefined): readonly string[] => {
  const wait = seconds ?? (kind === "unavailable" || kind === "rateLimited" ? RETRY_AFTER : undefined);
  return wait === undefined ? [] : ["Retry-After", String(wait)];
};
