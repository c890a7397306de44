import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import type { FunctionConfiguration } from "./configuration.ts";

/**
 * The part of a trace that Lambda itself writes: two segments for each invocation, one of the service and one
 * of the function. The function's own subsegments hang below the second: the X-Ray SDK in it takes the
 * `Parent` of `_X_AMZN_TRACE_ID` for the segment's id.
 */
export interface InvocationTrace {
  /** For `_X_AMZN_TRACE_ID`. */
  readonly header: string;
  readonly sampled: boolean;
  /** The documents of both segments; times in ms since the epoch. */
  documents(run: { start: number; end: number; requestId: string; failed: boolean }): object[];
}

/**
 * @param incoming the caller's trace header; a trace of its own begins without one
 * @param now ms since the epoch
 */
export function startTrace(
  configuration: FunctionConfiguration,
  incoming: string | undefined,
  now: number,
): InvocationTrace {
  const given = fieldsOf(incoming ?? "");
  const root = given.Root ?? `1-${Math.floor(now / 1000).toString(16)}-${randomBytes(12).toString("hex")}`;
  const sampled = given.Sampled === undefined ? configuration.traced : given.Sampled === "1";
  const serviceId = randomBytes(8).toString("hex");
  const functionId = randomBytes(8).toString("hex");
  const { name, arn } = configuration;
  return {
    header: `Root=${root};Parent=${functionId};Sampled=${sampled ? 1 : 0}`,
    sampled,
    documents({ start, end, requestId, failed }) {
      const common = {
        name,
        trace_id: root,
        start_time: start / 1000,
        end_time: end / 1000,
        aws: { request_id: requestId, function_arn: arn },
        ...(failed && { fault: true }),
      };
      const parent = given.Parent && { parent_id: given.Parent };
      return [
        { ...common, id: serviceId, origin: "AWS::Lambda", ...parent },
        { ...common, id: functionId, origin: "AWS::Lambda::Function", parent_id: serviceId },
      ];
    },
  };
}

function fieldsOf(header: string): Record<string, string | undefined> {
  return Object.fromEntries(header.split(";").map((field) => field.trim().split("=", 2)));
}

export interface TraceSender {
  send(documents: readonly object[]): void;
  stop(): void;
}

/** Sends documents to the X-Ray daemon, one datagram each. */
export function createTraceSender(daemonAddress: () => string): TraceSender {
  const socket = createSocket("udp4").unref();
  let stopped = false;
  return {
    send(documents) {
      // An invocation that `stop` ended has its last words after it.
      if (stopped) return;
      const [host, port] = daemonAddress().split(":");
      for (const document of documents) {
        socket.send(`{"format":"json","version":1}\n${JSON.stringify(document)}`, Number(port), host);
      }
    },
    stop() {
      if (!stopped) socket.close();
      stopped = true;
    },
  };
}
