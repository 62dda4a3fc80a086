/** Messages to browsers that subscribed to Web Push. */
import type { Provider } from "../notification.provider.ts";
import { writeJson } from "./file.provider.ts";

/** Into `<DATA_DIR>/push`: one file for all of a person's browsers, without their keys. */
export const filePush: Provider = {
  reaches: ({ pushSubscriptions }) => pushSubscriptions.length > 0,
  async send({ pushSubscriptions }, { id, subject, summary, createdAt }) {
    writeJson("push", id, {
      id,
      endpoints: pushSubscriptions.map(({ endpoint }) => endpoint),
      title: subject,
      body: summary,
      createdAt,
    });
  },
};
