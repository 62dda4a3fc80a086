/** What staff do with templates: they write a version, look at it, send it to themselves, and put it to use. */
import type { Service } from "moleculer";
import { timestamp } from "#core/clock.ts";
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Dispatch } from "./dispatch.mixin.ts";
import type { NotificationConfig } from "./notification.config.ts";
import { notification } from "./notification.contract.ts";
import { type Content, languages } from "./notification.model.ts";
import type { NotificationTables } from "./notification.repository.ts";
import {
  isUrgent,
  placeholdersOf,
  render,
  sampleSurroundings,
  type TemplateName,
  templateNames,
  templates as files,
} from "./notification.template.ts";
import type { templates as contract } from "./template.contract.ts";
import { faultsIn, requiredIn } from "./template.model.ts";
import * as versions from "./template.repository.ts";

type Row = NotificationTables["template_versions"];

interface Host extends Service {
  readonly db: Database<NotificationTables>;
  readonly dispatch: Dispatch;
  readonly idempotency: Idempotency;
}

/** @throws NOT_FOUND */
function known(name: string): TemplateName {
  if (!Object.hasOwn(files, name)) throw notification.error("NOT_FOUND");
  return name as TemplateName;
}

const toEntry = (name: TemplateName, active: ReadonlyMap<string, number>) => ({
  name,
  event: files[name].event,
  languages: [...languages],
  activeVersion: active.get(name) ?? 0,
  isUrgent: isUrgent(name),
  placeholders: placeholdersOf(name),
  required: [...requiredIn(name)],
});

const toVersion = ({ name, version, note, author, created_at }: Row, active: ReadonlyMap<string, number>) => ({
  name,
  version,
  isActive: active.get(name) === version,
  note,
  author,
  createdAt: created_at,
});

const toWritten = (row: Row, active: ReadonlyMap<string, number>) => ({
  ...toVersion(row, active),
  content: JSON.parse(row.content) as { en: WordsOut; ko: WordsOut },
});
type WordsOut = { subject: string; summary: string; paragraphs: string[] };

/** @throws VALIDATION_FAILED for placeholders that the template does not have, or that it needs and are missing */
function check(name: TemplateName, content: Content, language: "en" | "ko"): void {
  const faults = faultsIn(name, content, placeholdersOf(name));
  const errors = faults.map(({ pointer, detail }) => ({ pointer, detail: detail[language] }));
  if (errors.length > 0) throw notification.error("VALIDATION_FAILED", { errors });
}

const handlersOf = (config: NotificationConfig) =>
  ({
    async listTemplates(this: Host) {
      const active = await versions.active(this.db);
      return { items: templateNames.map((name) => toEntry(name, active)) };
    },

    async previewTemplate(this: Host, ctx: Ctx<Input<"notification.previewTemplate">>) {
      const { language = ctx.meta.language ?? "en", version } = ctx.params;
      const name = known(ctx.params.name);
      if (version) await versions.get(this.db, name, version);
      const row = { template: name, template_version: version ?? null };
      const { content } = (await versions.chosenFor(this.db, [row]))(row);
      const around = { ...sampleSurroundings(config, language), content };
      const { subject, summary, text, html } = render(name, language, files[name].sample, around);
      return { subject, summary, text, html };
    },

    async listTemplateVersions(this: Host, ctx: Ctx<Input<"notification.listTemplateVersions">>) {
      const [rows, active] = [await versions.list(this.db, known(ctx.params.name)), await versions.active(this.db)];
      return { items: rows.map((row) => toVersion(row, active)), nextCursor: null };
    },

    async getTemplateVersion(this: Host, ctx: Ctx<Input<"notification.getTemplateVersion">>) {
      const row = await versions.get(this.db, known(ctx.params.name), ctx.params.version);
      return toWritten(row, await versions.active(this.db));
    },

    createTemplateVersion(this: Host, ctx: Ctx<Input<"notification.createTemplateVersion">>) {
      const { content, note = null } = ctx.params;
      const name = known(ctx.params.name);
      check(name, content, ctx.meta.language ?? "en");
      return this.idempotency.once(ctx, async (tx) => {
        const row = await versions.add(tx, { name, content: JSON.stringify(content), note, author: userId(ctx) });
        return toWritten(row, await versions.active(tx));
      });
    },

    async setActiveVersion(this: Host, ctx: Ctx<Input<"notification.setActiveVersion">>) {
      const name = known(ctx.params.name);
      await this.db.write((tx) => versions.use(tx, name, ctx.params.version));
      return toEntry(name, await versions.active(this.db));
    },

    sendTest(this: Host, ctx: Ctx<Input<"notification.sendTest">>) {
      const { language, channel = "email" } = ctx.params;
      const name = known(ctx.params.name);
      return this.idempotency.once(ctx, async (tx) => {
        const version = ctx.params.version ?? (await versions.active(tx)).get(name) ?? 0;
        if (version > 0) await versions.get(tx, name, version);
        const data = JSON.stringify({ ...files[name].sample, at: timestamp(), isTest: true, language });
        const test = { user_id: userId(ctx), event_id: newId(), channel, template: name, data };
        const id = this.dispatch.test(tx, { ...test, template_version: version });
        return { id, channel, version };
      });
    },
  }) satisfies BlockHandlers<typeof contract>;

export const templates = (config: NotificationConfig): Mixin =>
  mixin({}, { name: "templates", migrations: {}, handlers: handlersOf(config) });
