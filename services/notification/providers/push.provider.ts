/** Messages to browsers that subscribed to Web Push. */
import { keepMessage } from "#mixins/node/mailbox.ts";
import type { Provider } from "../notification.provider.ts";
import { writeJson } from "./file.provider.ts";

/** Writes to `<DATA_DIR>/push`: one file for all browsers of a person, without their keys. */
export const filePush: Provider = {
  name: "file",
  reaches: ({ pushSubscriptions }) => pushSubscriptions.length > 0,
  async send({ pushSubscriptions }, { id, subject, summary, language, createdAt }) {
    writeJson("push", id, {
      id,
      endpoints: pushSubscriptions.map(({ endpoint }) => endpoint),
      title: subject,
      body: summary,
      createdAt,
    });
    const to = pushSubscriptions.map(({ endpoint }) => new URL(endpoint).host).join(", ");
    keepMessage({ id, channel: "push", to, subject, text: summary, html: null, language, createdAt });
  },
};
