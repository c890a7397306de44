import * as z from "zod/mini";
import { breachesOf, LARGEST_BYTES } from "./document-rules.ts";

/** A segment or subsegment, as far as the sandbox looks into it; the rest is kept as sent. */
const segmentSchema = z.looseObject({
  id: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
  name: z.string().check(z.minLength(1)),
  /** Seconds since the epoch. */
  start_time: z.number(),
  end_time: z.optional(z.number()),
  in_progress: z.optional(z.boolean()),
  type: z.optional(z.string()),
  parent_id: z.optional(z.string()),
  annotations: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  fault: z.optional(z.boolean()),
  error: z.optional(z.boolean()),
  throttle: z.optional(z.boolean()),
  get subsegments() {
    return z.optional(z.array(segmentSchema));
  },
});

/** What is sent on its own: a segment or subsegment with the trace it belongs to. */
const documentSchema = z.extend(segmentSchema, {
  trace_id: z.string().check(z.regex(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/)),
});

export type TraceSegment = z.infer<typeof segmentSchema>;
export type TraceDocument = z.infer<typeof documentSchema>;

export interface Trace {
  readonly id: string;
  /** In the order they came; a finished document takes the place of its own that was in progress. */
  readonly documents: readonly TraceDocument[];
}

export interface DroppedDocuments {
  malformed: number;
  oversize: number;
}

/** All segments and subsegments of a trace, each before those inside it. */
export function segmentsOf({ documents }: Trace): TraceSegment[] {
  return documents.flatMap(withInner);
}

function withInner(segment: TraceSegment): TraceSegment[] {
  return [segment, ...(segment.subsegments ?? []).flatMap(withInner)];
}

/** Older traces are forgotten. */
const MOST_TRACES = 1000;
const MOST_BREACHES = 100;

export interface Traces {
  /** Keeps a document; returns why it was dropped instead, where it was. */
  add(document: string): string | undefined;
  /** Oldest first. */
  all(): Trace[];
  get(traceId: string): Trace | undefined;
  /** How many documents were dropped, and why; the daemon counts datagrams without a header as malformed. */
  readonly dropped: DroppedDocuments;
  /** The rules that documents broke, whether they were kept or not, each after its document's beginning. */
  readonly breaches: readonly string[];
  /** Called with the trace whenever a document came. Returns a function that ends it. */
  onDocument(listener: (trace: Trace) => void): () => void;
}

export function createTraces(): Traces {
  const traces = new Map<string, TraceDocument[]>();
  const dropped: DroppedDocuments = { malformed: 0, oversize: 0 };
  const breaches: string[] = [];
  const listeners = new Set<(trace: Trace) => void>();

  return {
    add(text) {
      const broken = breachesOf(text);
      if (broken.length > 0 && breaches.length < MOST_BREACHES) {
        breaches.push(`${text.slice(0, 120)}: ${broken.join("; ")}`);
      }
      const bytes = Buffer.byteLength(text);
      if (bytes > LARGEST_BYTES) {
        dropped.oversize += 1;
        return `it has ${bytes} bytes, X-Ray takes ${LARGEST_BYTES}`;
      }
      const document = read(text);
      if (typeof document === "string") {
        dropped.malformed += 1;
        return document;
      }
      keep(document);
      return undefined;
    },
    all: () => [...traces].map(([id, documents]) => ({ id, documents })),
    get: (id) => {
      const documents = traces.get(id);
      return documents && { id, documents };
    },
    dropped,
    breaches,
    onDocument(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };

  function keep(document: TraceDocument): void {
    const id = document.trace_id;
    const documents = traces.get(id) ?? [];
    traces.set(id, documents);
    const place = documents.findIndex((other) => other.id === document.id);
    if (place < 0) documents.push(document);
    else documents[place] = document;
    if (traces.size > MOST_TRACES) traces.delete(traces.keys().next().value ?? "");
    for (const listener of listeners) listener({ id, documents });
  }
}

/** The document, or what is wrong with it. */
function read(text: string): TraceDocument | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `it is no JSON: ${String(error)}`;
  }
  const parsed = documentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => issue.path.join(".") || "the document");
  return `not as X-Ray's schema has it: ${places.join(", ")}`;
}
