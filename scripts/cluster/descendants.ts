/** The processes below another, which a fault must reach too. */
import { childrenOf } from "./postgres.binaries.ts";

export const descendantsOf = (pid: number): readonly number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
