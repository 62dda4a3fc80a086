/** The nodes that this one sees. Moleculer's types do not describe them. */
import type { ServiceBroker } from "moleculer";

export interface KnownNode {
  readonly id: string;
  readonly local: boolean;
  readonly available: boolean;
  /** Percent. */
  readonly cpu: number | null;
  readonly metadata?: { readonly standby?: boolean };
  /** Only where they are asked for. */
  readonly services?: readonly { readonly name: string; readonly fullName: string }[];
}

export const nodesOf = (
  { registry }: ServiceBroker,
  options: { readonly onlyAvailable?: boolean; readonly withServices?: boolean } = {},
): readonly KnownNode[] => registry.getNodeList(options) as unknown as readonly KnownNode[];
