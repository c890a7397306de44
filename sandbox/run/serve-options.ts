import { createServer } from "node:net";
import { parseArgs } from "node:util";

/** What `npm run sandbox` is asked for. */
export interface ServeOptions {
  readonly port: number;
  readonly verbose: boolean;
}

/** LocalStack's port too: most AWS tools that are made for a local AWS try it. */
const DEFAULT_PORT = 4566;

/** @throws {Error} naming the option that is wrong */
export function serveOptions(args: readonly string[]): ServeOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      verbose: { type: "boolean", default: false },
    },
  });
  return { port: portOf(values.port), verbose: values.verbose };
}

function portOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Error(`--port: found "${text}", expected a number from 1 to 65535`);
}

/** @throws {Error} saying that the port is taken, before anything else is done */
export async function checkPort(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} of 127.0.0.1 is taken: give another with --port, or end what uses it (LocalStack has ${DEFAULT_PORT}).`;
      reject(error.code === "EADDRINUSE" ? new Error(taken, { cause: error }) : error);
    });
    probe.listen(port, "127.0.0.1", resolve);
  });
  await new Promise<void>((resolve) => probe.close(() => resolve()));
}
