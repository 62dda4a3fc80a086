/** A node that reads notes, for specs that kill it. See bus-conformance.ts. */
import { noteReader } from "./note-events.ts";

export const services = [noteReader("reader", { after: () => process.stdout.write("read\n") })];
