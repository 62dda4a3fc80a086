/** Bodies that may arrive slowly: a server gives a request half a minute otherwise, which is too little for a film. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

interface Bounds {
  /** Milliseconds in which nothing comes. */
  readonly idle: number;
  /** Milliseconds for all of it. */
  readonly total: number;
}

const slow = new WeakSet<Socket>();

/** Whether the request that comes over this connection may take longer than others. */
export const isSlowBodyAllowed = (socket: Socket): boolean => slow.has(socket);

/**
 * Lets the rest of this request take its time. To be called when it is known who asks: everybody else would hold connections.
 * A body that passes a bound is cut off with its connection.
 */
export function allowSlowBody({ req, res }: Exchange, { idle, total }: Bounds): void {
  const { socket } = req;
  // The body is here already.
  if (req.complete) return;
  slow.add(socket);
  const cut = setTimeout(() => void socket.destroy(), total);
  socket.setTimeout(idle);
  const end = () => {
    req.off("close", end);
    clearTimeout(cut);
    slow.delete(socket);
    // The answer may take longer than the next part of a body; after it, the time of kept connections holds.
    if (!res.writableFinished) socket.setTimeout(0);
  };
  req.once("end", end);
  req.once("close", end);
}
