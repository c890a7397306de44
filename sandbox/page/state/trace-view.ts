import type { Trace } from "../../xray/traces.ts";
import { type Segment, segmentsWithPlace } from "./segment.ts";
import type { TraceRow, TraceSummary, TraceView } from "./state.ts";

/** A trace in one line. */
export function traceSummary(trace: Trace): TraceSummary {
  const segments = segmentsWithPlace(trace);
  const { start, end } = extentOf(segments);
  const annotations = segments.flatMap(({ annotations }) =>
    Object.entries(annotations).map(([key, value]) => `${key}=${value}`),
  );
  return {
    id: trace.id,
    at: start,
    durationMs: end - start,
    functions: [...new Set(segments.filter(({ kind }) => kind === "function").map(({ name }) => name))],
    faults: segments.filter(({ fault }) => fault).length,
    throttles: segments.filter(({ throttle }) => throttle).length,
    segments: segments.length,
    annotations: [...new Set(annotations)],
  };
}

/** A trace as its waterfall: each segment before those inside it, those side by side in the order they began. */
export function traceView(trace: Trace): TraceView {
  const segments = segmentsWithPlace(trace);
  const { start, end } = extentOf(segments);
  const known = new Set(segments.map(({ id }) => id));
  const children = Map.groupBy(segments, ({ parentId }) =>
    parentId !== undefined && known.has(parentId) ? parentId : undefined,
  );
  const rows: TraceRow[] = [];
  const add = (parentId: string | undefined, depth: number): void => {
    for (const segment of children.get(parentId) ?? []) {
      rows.push(rowOf(segment, depth, start));
      add(segment.id, depth + 1);
    }
  };
  add(undefined, 0);
  return { id: trace.id, start, durationMs: end - start, rows };
}

function extentOf(segments: readonly Segment[]): { start: number; end: number } {
  const start = Math.min(...segments.map((segment) => segment.start));
  return { start, end: Math.max(...segments.map((segment) => segment.end ?? segment.start)) };
}

function rowOf(segment: Segment, depth: number, traceStart: number): TraceRow {
  const { id, name, kind, start, end, fault, throttle, annotations } = segment;
  const { operation, status, cause, metadata } = segment;
  return {
    ...{ id, depth, name, kind, fault, throttle, annotations },
    startMs: start - traceStart,
    ...(end !== undefined && { durationMs: end - start }),
    ...(operation !== undefined && { operation }),
    ...(status !== undefined && { status }),
    ...(cause !== undefined && { cause }),
    ...(metadata && { metadata: JSON.stringify(metadata, undefined, 2) }),
  };
}
