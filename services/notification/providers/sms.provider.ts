/** Text messages. */
import { keepMessage } from "#mixins/node/mailbox.ts";
import type { Provider } from "../notification.provider.ts";
import { writeJson } from "./file.provider.ts";

/** Writes to `<DATA_DIR>/sms`. */
export const fileSms: Provider = {
  name: "file",
  reaches: ({ phone }) => phone !== null,
  async send({ phone }, { id, subject, summary, language, createdAt }) {
    writeJson("sms", id, { id, to: phone, text: summary, createdAt });
    keepMessage({ id, channel: "sms", to: phone!, subject, text: summary, html: null, language, createdAt });
  },
};
