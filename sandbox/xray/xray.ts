import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import type { AwsRequest, AwsResponse, Service } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { decodeJson, encodeJson } from "../wire/json.ts";
import { parse } from "../wire/parse.ts";
import { timestamp } from "../wire/scalars.ts";
import { startDaemon, waitForTrace } from "./daemon.ts";
import { parseFilter } from "./filter.ts";
import {
  createTraces,
  type DroppedDocuments,
  segmentsOf,
  type Trace,
  type TraceDocument,
  type TraceSegment,
} from "./traces.ts";

export interface XrayOptions {
  readonly clock: SandboxClock;
  /** UDP port of the daemon on 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** Called with every document that is dropped. */
  readonly log: (line: string) => void;
}

export interface Xray extends Service {
  /** For `AWS_XRAY_DAEMON_ADDRESS`, for example `127.0.0.1:2000`. */
  readonly daemonAddress: string;
  /** The last 1,000 traces, oldest first. */
  traces(): Trace[];
  /** Waits (in real time, 5 s by default) for a trace to hold what is asked. */
  waitFor(traceId: string, enough: (trace: Trace) => boolean, timeoutMs?: number): Promise<Trace>;
  readonly dropped: Readonly<DroppedDocuments>;
  /** The rules for documents that were broken (document-rules.ts), each after its document's beginning. */
  readonly breaches: readonly string[];
}

/** The X-Ray daemon and, by REST-JSON, the calls that write and read traces. */
export async function startXray({ clock, port = 0, log }: XrayOptions): Promise<Xray> {
  const traces = createTraces();
  const daemon = await startDaemon({ traces, port, log });
  const operations: Readonly<Record<string, (input: unknown) => object>> = {
    PutTraceSegments: (input) => ({ UnprocessedTraceSegments: putDocuments(input) }),
    BatchGetTraces: batchGetTraces,
    GetTraceSummaries: getTraceSummaries,
  };

  return {
    signingNames: ["xray"],
    handle,
    operationOf: ({ path }) => OPERATIONS[path],
    daemonAddress: daemon.address,
    traces: traces.all,
    waitFor: (traceId, enough, timeoutMs) => waitForTrace(traces, traceId, enough, timeoutMs),
    dropped: traces.dropped,
    breaches: traces.breaches,
    stop: daemon.stop,
  };

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    const headers = { "content-type": "application/json" };
    try {
      const operation = operations[OPERATIONS[request.path] ?? ""];
      if (!operation) {
        const known = Object.keys(operations).join(", ");
        throw new AwsError(
          "UnknownOperationException",
          `The sandbox's X-Ray has no ${request.path}. It has: ${known}.`,
        );
      }
      return { status: 200, headers, body: encodeJson(operation(decodeJson(request.body))) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const body = encodeJson({ __type: error.code, Message: error.message });
      return { status: error.status, headers: { ...headers, "x-amzn-errortype": error.code }, body };
    }
  }

  function putDocuments(input: unknown) {
    const { TraceSegmentDocuments } = parse(putInput, input, "InvalidRequestException");
    return TraceSegmentDocuments.flatMap((document) => {
      const problem = traces.add(document);
      if (problem === undefined) return [];
      log(`X-Ray: a document was dropped: ${problem}`);
      return [{ ErrorCode: "InvalidSegment", Message: problem }];
    });
  }

  function batchGetTraces(input: unknown) {
    const { TraceIds } = parse(batchInput, input, "InvalidRequestException");
    const found = TraceIds.flatMap((id) => traces.get(id) ?? []);
    const Traces = found.map(({ id, documents }) => ({
      Id: id,
      Duration: durationOf(documents),
      Segments: documents.map((document) => ({ Id: document.id, Document: JSON.stringify(document) })),
    }));
    return { Traces, UnprocessedTraceIds: [] };
  }

  function getTraceSummaries(input: unknown) {
    const { StartTime, EndTime, FilterExpression } = parse(summariesInput, input, "InvalidRequestException");
    const matches = FilterExpression === undefined ? () => true : parseFilter(FilterExpression);
    const found = traces.all().filter((trace) => {
      const { documents } = trace;
      const isWithin = documents.some(({ start_time: at }) => at * 1000 >= StartTime && at * 1000 <= EndTime);
      return isWithin && matches({ parts: segmentsOf(trace), duration: durationOf(documents) });
    });
    const TraceSummaries = found.map(summaryOf);
    return { TraceSummaries, ApproximateTime: new Date(clock.now()), TracesProcessedCount: found.length };
  }
}

const OPERATIONS: Readonly<Record<string, string>> = {
  "/TraceSegments": "PutTraceSegments",
  "/Traces": "BatchGetTraces",
  "/TraceSummaries": "GetTraceSummaries",
};

const putInput = z.object({ TraceSegmentDocuments: z.array(z.string()) });
const batchInput = z.object({ TraceIds: z.array(z.string()) });
const summariesInput = z.object({
  StartTime: timestamp,
  EndTime: timestamp,
  FilterExpression: z.optional(z.string()),
});

function summaryOf(trace: Trace) {
  const segments = segmentsOf(trace);
  return {
    Id: trace.id,
    Duration: durationOf(trace.documents),
    HasFault: segments.some(({ fault }) => fault),
    HasError: segments.some(({ error }) => error),
    HasThrottle: segments.some(({ throttle }) => throttle),
    Annotations: annotationsOf(segments),
  };
}

/** In seconds. */
function durationOf(documents: readonly TraceDocument[]): number {
  const start = Math.min(...documents.map((document) => document.start_time));
  return Math.max(...documents.map((document) => document.end_time ?? document.start_time)) - start;
}

function annotationsOf(segments: readonly TraceSegment[]) {
  const byKey: Record<string, { AnnotationValue: object }[]> = {};
  for (const { annotations = {} } of segments) {
    for (const [key, value] of Object.entries(annotations)) {
      byKey[key] = [...(byKey[key] ?? []), { AnnotationValue: annotationValue(value) }];
    }
  }
  return byKey;
}

function annotationValue(value: string | number | boolean): object {
  if (typeof value === "string") return { StringValue: value };
  return typeof value === "number" ? { NumberValue: value } : { BooleanValue: value };
}
