/** A node that forwards calls: see echo-service.ts. */
import { forwarder } from "./echo-service.ts";

export const services = [forwarder];
