/** What a place must be able to do in which nodes read each other's heartbeats. */

/** @throws Error within the patience that it was opened with, when the directory cannot be reached */
export interface Directory {
  /** Writes a node's line, and answers those of all nodes. Lines of nodes that are gone go within minutes. */
  exchange(node: string, line: string): Promise<ReadonlyMap<string, string>>;
  remove(node: string): Promise<void>;
  close(): void;
}
