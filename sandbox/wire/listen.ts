import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** @param port of 127.0.0.1; 0 takes a free one @returns the port it listens on */
export async function listenOn(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Ends it and every connection to it, also those that are kept alive. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
