import type { Trace, TraceSegment } from "../../../sandbox/xray/traces.ts";
import { segmentsOf } from "../../../sandbox/xray/traces.ts";

/**
 * A trace as text, a line a subsegment: `name Operation {annotation keys} flags`. What is in a part stands below it:
 * its own calls first, in the order of the alphabet and those alike as one line (`× 3`), as they may have been made
 * side by side; then its parts in the order they ended.
 */
export function treeOf(trace: Trace): string {
  return linesBelow(undefined, trace, "").join("\n");
}

function linesBelow(parent: TraceSegment | undefined, trace: Trace, indent: string): string[] {
  const children = childrenOf(parent, trace);
  const blocks = children.map((child) => ({
    isCall: isCall(child),
    text: [`${indent}${lineOf(child)}`, ...linesBelow(child, trace, `${indent}  `)].join("\n"),
  }));
  const calls = blocks.filter(({ isCall }) => isCall).map(({ text }) => text);
  const parts = blocks.filter(({ isCall }) => !isCall).map(({ text }) => text);
  return [...alike(calls.toSorted()), ...alike(parts)];
}

/** What hangs right below a segment: inside its document, or sent on its own. */
function childrenOf(parent: TraceSegment | undefined, trace: Trace): TraceSegment[] {
  const apart = trace.documents.filter(({ parent_id }) => parent_id === parent?.id);
  return [...(parent?.subsegments ?? []), ...apart];
}

/** What has no parent in the trace although it names one. */
export function lostIn(trace: Trace): TraceSegment[] {
  const ids = new Set(segmentsOf(trace).map(({ id }) => id));
  return trace.documents.filter(({ parent_id }) => parent_id !== undefined && !ids.has(parent_id));
}

const isCall = ({ namespace }: TraceSegment): boolean => namespace !== undefined;

function lineOf(segment: TraceSegment): string {
  const { name, annotations = {}, fault, error, throttle } = segment;
  const keys = Object.keys(annotations).toSorted();
  const flags = [fault && "fault", error && "error", throttle && "throttle"].filter(Boolean);
  const call = annotations.call ?? operationOf(segment);
  return [name, call, keys.length > 0 && `{${keys.join(" ")}}`, ...flags].filter(Boolean).join(" ");
}

function operationOf({ aws }: TraceSegment): string | undefined {
  if (typeof aws !== "object" || aws === null || !("operation" in aws)) return undefined;
  return String(aws.operation);
}

/** Blocks that are the same become one, `× n` at the end of its first line. */
function alike(blocks: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const block of blocks) counts.set(block, (counts.get(block) ?? 0) + 1);
  return [...counts].map(([block, count]) => {
    if (count === 1) return block;
    const [first = "", ...rest] = block.split("\n");
    return [`${first} × ${count}`, ...rest].join("\n");
  });
}
