import { Socket } from "node:net";
import type { Reach } from "./network.ts";

/** Has this thread's connections end where the function's network does. Gives what sets how far that is. */
export function losePackets(): (reach: Reach) => void {
  let reach: Reach = { kind: "all-but", ports: [] };
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function (this: Socket, ...target: unknown[]): Socket {
    const port = portIn(target);
    const isListed = port !== undefined && reach.ports.includes(port);
    if (port === undefined || isListed === (reach.kind === "only")) {
      return Reflect.apply(connect, this, target);
    }
    // Nobody answers the packet that opens a connection: it neither opens nor fails, until whoever waits gives up.
    Object.assign(this, { connecting: true });
    return this;
  };
  return (now) => {
    reach = now;
  };
}

/** `connect(options)`, `connect(port, host)`, and an array of either's normalised arguments, as Node itself calls it. */
function portIn([first]: readonly unknown[]): number | undefined {
  const target: unknown = Array.isArray(first) ? first[0] : first;
  const port: unknown = typeof target === "object" && target !== null ? Reflect.get(target, "port") : target;
  return typeof port === "number" || typeof port === "string" ? Number(port) : undefined;
}
