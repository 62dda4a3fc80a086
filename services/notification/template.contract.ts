/** Templates of messages: those of the repository are version 0, and staff write others, try them out and put them to use. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { refused } from "#core/errors.ts";
import { Code, Id, Page, Strict, Text, Timestamp } from "#core/schema.ts";
import { channels, languages } from "./notification.model.ts";

/** Versions of one template. */
export const VERSIONS = 200;

export const templateErrors = {
  VERSIONS_FULL: refused(
    "No more versions of this template can be kept",
    "이 템플릿의 버전을 더 만들 수 없습니다",
    `Put one of the ${VERSIONS} versions to use that are there.`,
    `이미 만든 ${VERSIONS}개 버전 가운데 하나를 사용해 주세요.`,
  ),
} as const;

const Name = Type.String({ ...Code("^[a-z]+(?:-[a-z]+)*$", 50), examples: ["order-confirmed"] });
const Version = Type.Integer({ minimum: 0, maximum: 1_000_000, description: "0 is the one of the repository" });
const Language = Type.Enum([...languages]);

const Words = Strict(
  {
    subject: Text(200),
    summary: Type.String({
      ...Text(300),
      description: "The whole message in one sentence, for a text or push message",
    }),
    paragraphs: Type.Array(Text(1000), { minItems: 1, maxItems: 12 }),
  },
  { title: "TemplateWords" },
);
const Content = Strict({ en: Words, ko: Words }, { title: "TemplateContent" });

const TemplateEntry = Type.Object(
  {
    name: Type.String(),
    event: Type.String(),
    languages: Type.Array(Type.String()),
    activeVersion: Type.Optional(Version),
    isUrgent: Type.Optional(
      Type.Boolean({ description: "It is sent whatever its reader has chosen, and at any hour" }),
    ),
    placeholders: Type.Optional(Type.Array(Type.String())),
    required: Type.Optional(Type.Array(Type.String())),
  },
  { title: "NotificationTemplate" },
);

const version = {
  name: Type.String(),
  version: Version,
  isActive: Type.Boolean(),
  note: Type.Union([Type.String(), Type.Null()]),
  author: Type.Union([Id, Type.Null()]),
  createdAt: Timestamp,
};
const TemplateVersion = Type.Object(version, { title: "TemplateVersion" });
export type TemplateVersion = Static<typeof TemplateVersion>;
const WrittenVersion = Type.Object({ ...version, content: Content }, { title: "WrittenTemplateVersion" });

const Preview = Type.Object({
  subject: Type.String(),
  text: Type.String(),
  html: Type.String(),
  summary: Type.Optional(Type.String()),
});

const actions = {
  listTemplates: action({
    summary: "Templates of messages",
    rest: "GET /notification-templates",
    auth: "staff",
    input: Strict({}),
    output: Type.Object({ items: Type.Array(TemplateEntry) }),
  }),
  previewTemplate: action({
    summary: "A template with sample data",
    rest: "GET /notification-templates/:name/preview",
    auth: "staff",
    input: Strict({ name: Text(50), language: Type.Optional(Language), version: Type.Optional(Version) }),
    output: Preview,
    errors: ["NOT_FOUND"],
  }),
  listTemplateVersions: action({
    summary: "The versions of a template that staff wrote, newest first: so few that one page holds them",
    rest: "GET /notification-templates/:name/versions",
    auth: "staff",
    input: Strict({ name: Name }),
    output: Page(TemplateVersion),
    errors: ["NOT_FOUND"],
  }),
  getTemplateVersion: action({
    summary: "A version of a template, with its words",
    rest: "GET /notification-templates/:name/versions/:version",
    auth: "staff",
    input: Strict({ name: Name, version: Version }),
    output: WrittenVersion,
    errors: ["NOT_FOUND"],
  }),
  createTemplateVersion: action({
    summary: "Write a version of a template. It is not in use before it is made the active one",
    rest: "POST /notification-templates/:name/versions",
    status: 201,
    shownBy: "getTemplateVersion",
    auth: "staff",
    input: Strict({ name: Name, content: Content, note: Type.Optional(Text(200)) }),
    output: WrittenVersion,
    errors: ["NOT_FOUND", "VERSIONS_FULL", "VALIDATION_FAILED"],
  }),
  setActiveVersion: action({
    summary: "Put a version of a template to use, or go back to one before; 0 is the repository's own",
    rest: "PUT /notification-templates/:name/active-version",
    auth: "staff",
    input: Strict({ name: Name, version: Version }),
    output: TemplateEntry,
    errors: ["NOT_FOUND"],
  }),
  sendTest: action({
    summary: "Send a template with sample data to myself",
    rest: "POST /notification-templates/:name/tests",
    status: 202,
    auth: "staff",
    input: Strict({
      name: Name,
      version: Type.Optional(Version),
      language: Type.Optional(Language),
      channel: Type.Optional(Type.Enum([...channels])),
    }),
    output: Type.Object({ id: Id, channel: Type.Enum([...channels]), version: Version }, { title: "TemplateTest" }),
    errors: ["NOT_FOUND"],
  }),
};

export const templates = { name: "templates", actions: () => actions } satisfies Block;
