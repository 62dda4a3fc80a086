/** A service whose actions do nothing, for tests of who may call them. */
import type { ServiceSchema } from "moleculer";

const guarded = (auth: string) => ({ auth, handler: () => "done" });

export const services: readonly ServiceSchema[] = [
  { name: "guard", version: 1, actions: { customer: guarded("customer"), staff: guarded("staff") } as never },
];
