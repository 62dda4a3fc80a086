/** `order.create` means version 1, `v2.order.create` another: callers name a version only when it is not the first. */
import type { CallHook } from "#core/context.ts";
import { middleware } from "./middleware.ts";

const names = new Map<string, string>();

function versioned(name: string): string {
  let full = names.get(name);
  if (!full) {
    full = name.startsWith("$") || /^v\d+\./.test(name) ? name : `v1.${name}`;
    names.set(name, full);
  }
  return full;
}

const call: CallHook = (next) => (name, params, options) =>
  // Gateways call the endpoint that they have already found.
  next(typeof name === "string" ? versioned(name) : name, params, options);

export const version = middleware(() => ({ name: "Version", call }));
