import * as z from "zod/mini";
import type { Trace, TraceSegment } from "../../xray/traces.ts";
import type { TraceRow } from "./state.ts";

/** What the page reads of a segment beyond what the sandbox's X-Ray looks at. */
const details = z.looseObject({
  origin: z.optional(z.string()),
  namespace: z.optional(z.string()),
  aws: z.optional(z.looseObject({ operation: z.optional(z.string()) })),
  http: z.optional(
    z.looseObject({
      request: z.optional(z.looseObject({ method: z.optional(z.string()), url: z.optional(z.string()) })),
      response: z.optional(z.looseObject({ status: z.optional(z.number()) })),
    }),
  ),
  cause: z.optional(
    z.union([
      z.string(),
      z.looseObject({ exceptions: z.optional(z.array(z.looseObject({ message: z.optional(z.string()) }))) }),
    ]),
  ),
  metadata: z.optional(z.record(z.string(), z.unknown())),
});

/** A segment or subsegment with its place in the trace. */
export interface Segment {
  readonly id: string;
  readonly name: string;
  /** Undefined for what no segment of the trace is around. */
  readonly parentId: string | undefined;
  readonly kind: TraceRow["kind"];
  /** ms since the epoch. */
  readonly start: number;
  /** Undefined while it runs. */
  readonly end: number | undefined;
  readonly fault: boolean;
  readonly throttle: boolean;
  readonly annotations: NonNullable<TraceSegment["annotations"]>;
  readonly operation: string | undefined;
  readonly status: number | undefined;
  readonly cause: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** The segments of a trace in the order they began, nested and sent apart alike. */
export function segmentsWithPlace({ documents }: Trace): Segment[] {
  const all = documents.flatMap((document) => withInner(document, document.parent_id));
  return all.sort((a, b) => a.start - b.start);
}

function withInner(segment: TraceSegment, parentId: string | undefined): Segment[] {
  const inner = (segment.subsegments ?? []).flatMap((one) => withInner(one, segment.id));
  return [placed(segment, parentId), ...inner];
}

function placed(segment: TraceSegment, parentId: string | undefined): Segment {
  const parsed = details.safeParse(segment);
  const { origin, namespace, aws, http, cause, metadata } = parsed.success ? parsed.data : {};
  return {
    id: segment.id,
    name: segment.name,
    parentId,
    kind: kindOf(origin, namespace),
    start: segment.start_time * 1000,
    end: segment.end_time === undefined ? undefined : segment.end_time * 1000,
    fault: segment.fault === true || segment.error === true,
    throttle: segment.throttle === true,
    annotations: segment.annotations ?? {},
    operation: aws?.operation ?? requestLine(http?.request),
    status: http?.response?.status,
    cause: typeof cause === "string" ? undefined : cause?.exceptions?.[0]?.message,
    metadata,
  };
}

function kindOf(origin: string | undefined, namespace: string | undefined): TraceRow["kind"] {
  if (origin === "AWS::Lambda") return "service";
  if (origin === "AWS::Lambda::Function") return "function";
  if (namespace === "aws") return "aws";
  return namespace === "remote" ? "remote" : "stage";
}

function requestLine(request: { method?: string | undefined; url?: string | undefined } | undefined) {
  return request && [request.method, request.url].filter((part) => part !== undefined).join(" ");
}
