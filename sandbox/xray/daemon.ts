import { createSocket } from "node:dgram";
import { once } from "node:events";
import * as z from "zod/mini";
import type { Trace, Traces } from "./traces.ts";

export interface DaemonOptions {
  readonly traces: Traces;
  /** UDP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** Called with every document that is dropped. */
  readonly log: (line: string) => void;
}

export interface Daemon {
  /** For `AWS_XRAY_DAEMON_ADDRESS`, for example `127.0.0.1:2000`. */
  readonly address: string;
  stop(): Promise<void>;
}

const headerSchema = z.object({ format: z.literal("json"), version: z.literal(1) });

/**
 * The X-Ray daemon: takes datagrams `{"format":"json","version":1}\n{document}`.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
 */
export async function startDaemon({ traces, port, log }: DaemonOptions): Promise<Daemon> {
  const socket = createSocket("udp4");
  socket.on("message", (datagram) => {
    const problem = take(datagram.toString("utf8"));
    if (problem !== undefined) log(`X-Ray: a document was dropped: ${problem}`);
  });
  socket.on("error", (error) => log(`X-Ray: the daemon's socket failed: ${error.message}`));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");

  function take(datagram: string): string | undefined {
    const end = datagram.indexOf("\n");
    if (end < 0 || !isHeader(datagram.slice(0, end))) {
      traces.dropped.malformed += 1;
      return 'the datagram does not start with the line {"format":"json","version":1}';
    }
    return traces.add(datagram.slice(end + 1));
  }

  const { address, port: bound } = socket.address();
  return {
    address: `${address}:${bound}`,
    async stop() {
      socket.close();
      await once(socket, "close");
    },
  };
}

function isHeader(line: string): boolean {
  try {
    return headerSchema.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}

/**
 * Waits for a trace to hold what is asked: datagrams arrive on their own time.
 *
 * @param enough whether the trace is as waited for
 * @param timeoutMs real milliseconds
 * @throws {Error} after `timeoutMs`, saying which documents the trace had by then
 */
export function waitForTrace(
  traces: Traces,
  traceId: string,
  enough: (trace: Trace) => boolean,
  timeoutMs = 5_000,
): Promise<Trace> {
  return new Promise((resolve, reject) => {
    const look = (trace: Trace) => {
      if (trace.id !== traceId || !enough(trace)) return;
      clearTimeout(timer);
      stopListening();
      resolve(trace);
    };
    const timer = setTimeout(() => {
      stopListening();
      const had = traces.get(traceId)?.documents.map(({ name }) => name) ?? [];
      reject(
        new Error(
          `The trace ${traceId} was not as waited for after ${timeoutMs} ms. It had: ${had.join(", ")}`,
        ),
      );
    }, timeoutMs);
    const stopListening = traces.onDocument(look);
    const trace = traces.get(traceId);
    if (trace) look(trace);
  });
}
