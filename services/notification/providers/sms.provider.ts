/** Text messages. */
import type { Provider } from "../notification.provider.ts";
import { writeJson } from "./file.provider.ts";

/** Writes to `<DATA_DIR>/sms`. */
export const fileSms: Provider = {
  name: "file",
  reaches: ({ phone }) => phone !== null,
  async send({ phone }, { id, summary, createdAt }) {
    writeJson("sms", id, { id, to: phone, text: summary, createdAt });
  },
};
