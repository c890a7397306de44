import type { Annotate, Annotations } from "./annotations.ts";
import { openNow, runWith, type Subsegment } from "./context.ts";
import { annotationValue, fitted, metadataValue, NAMESPACE, segmentName } from "./document.ts";
import { isIndexed } from "./indexed.ts";

export type { Subsegment };

/** One named part of a run, a subsegment in X-Ray. Where there is no trace, all of it does nothing. */
export interface Stage {
  /** Indexed: traces can be searched by it. */
  readonly annotate: Annotate;
  /** Not indexed: evidence for whoever opens the trace. */
  metadata(key: string, value: unknown): void;
}

/** Opens a child of what is open now; undefined where there is no trace. */
export function openSubsegment(name: string): Subsegment | undefined {
  const parent = openNow();
  if (!parent) return undefined;
  // In an invocation that Lambda did not sample, the children must not be sampled either.
  const fitting = segmentName(name);
  const subsegment = parent.notTraced
    ? parent.addNewSubsegmentWithoutSampling(fitting)
    : parent.addNewSubsegment(fitting);
  Object.defineProperties(subsegment, {
    // The SDK would send this field of its own, which X-Ray does not know.
    notTraced: { enumerable: false },
    format: { enumerable: false, value: () => fitted(documentOf(subsegment)) },
  });
  return subsegment;
}

function documentOf(subsegment: Subsegment) {
  return {
    ...subsegment.toJSON(),
    type: "subsegment",
    parent_id: subsegment.parent.id,
    trace_id: subsegment.segment.trace_id,
  };
}

export function stageOf(subsegment: Subsegment): Stage {
  return {
    annotate: (key, value) => {
      if (!subsegment.isClosed()) annotate(subsegment, key, value);
    },
    metadata: (key, value) => {
      if (!subsegment.isClosed()) subsegment.addMetadata(key, metadataValue(value), NAMESPACE);
    },
  };
}

export function annotateAll(subsegment: Subsegment, annotations: Partial<Annotations>): void {
  for (const [key, value] of Object.entries(annotations)) {
    annotate(subsegment, key as keyof Annotations, value);
  }
}

/** What has no place among those that X-Ray indexes is kept as metadata. */
export function annotate(
  subsegment: Subsegment,
  key: keyof Annotations,
  value: string | number | boolean,
): void {
  const fitting = annotationValue(value);
  if (fitting === undefined) return;
  if (isIndexed(subsegment, key, fitting)) {
    subsegment.addAnnotation(key, fitting);
    return;
  }
  const all = { ...notIndexed.get(subsegment), [key]: fitting };
  notIndexed.set(subsegment, all);
  subsegment.addMetadata("notIndexed", all, NAMESPACE);
}

const notIndexed = new WeakMap<Subsegment, Readonly<Record<string, unknown>>>();

/** Closing it sends it, and what was sent is not to be changed or sent again. */
export function close(subsegment: Subsegment): void {
  if (!subsegment.isClosed()) subsegment.close();
}

/** Closes what is still open in it, the innermost first. */
export function closeAllIn(subsegment: Subsegment): void {
  for (const child of [...(subsegment.subsegments ?? [])]) {
    closeAllIn(child);
    if (child.isClosed()) continue;
    annotate(child, "abandoned", true);
    close(child);
  }
}

/**
 * `runPromise` would leave its context only when the promise ends: whatever is begun meanwhile would be taken for
 * a child of this subsegment.
 */
export function runIn<T>(subsegment: Subsegment, body: () => Promise<T>): Promise<T> {
  return runWith(subsegment, body);
}

/** Runs `body` outside the trace: of a thousand calls of one kind a trace shows the first. */
export function withoutTrace<T>(body: () => Promise<T>): Promise<T> {
  return runWith(undefined, body);
}
