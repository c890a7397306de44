import { segmentsOf, type Trace, type TraceSegment } from "../../../sandbox/xray/traces.ts";
import { PARTS } from "./names.ts";

/**
 * A trace as text, a line a segment: its name, the operation of a call, its annotations (with their values where these
 * are the same in every run), and whether it is an error or a fault. What is in a part stands below it: first its own
 * calls, which may have been made side by side, then its parts in the order of names.ts. What is the same line for
 * line is one, `× 3`.
 */
export function treeOf(trace: Trace): string {
  return linesBelow(undefined, trace, "").join("\n");
}

/** What names a parent that is not in the trace. */
export function lostIn(trace: Trace): TraceSegment[] {
  const ids = new Set(segmentsOf(trace).map(({ id }) => id));
  return trace.documents.filter(({ parent_id }) => parent_id !== undefined && !ids.has(parent_id));
}

/** What hangs right below a segment: inside its document, or sent on its own. */
export function childrenOf(parent: TraceSegment | undefined, trace: Trace): TraceSegment[] {
  const apart = trace.documents.filter(({ parent_id }) => parent_id === parent?.id);
  return [...(parent?.subsegments ?? []), ...apart];
}

const ORDER = Object.keys(PARTS);

function linesBelow(parent: TraceSegment | undefined, trace: Trace, indent: string): string[] {
  const blocks = childrenOf(parent, trace).map((child) => {
    // A call comes before every part, and another function after them.
    const place = child.namespace === undefined ? ORDER.indexOf(child.name) : -1;
    const isFunction = child.namespace === undefined && place < 0;
    const lines = [`${indent}${lineOf(child)}`, ...linesBelow(child, trace, `${indent}  `)];
    return { place: isFunction ? ORDER.length : place, text: lines.join("\n") };
  });
  const inOrder = blocks.toSorted((a, b) => a.place - b.place || (a.text < b.text ? -1 : 1));
  return alike(inOrder.map(({ text }) => text));
}

function lineOf(segment: TraceSegment): string {
  const { name, annotations = {}, fault, error, throttle } = segment;
  const { call, automation: _automation, stage: _stage, ...others } = annotations;
  const shown = Object.entries(others)
    .map(([key, value]) => (isSettled(key, value) ? `${key}=${value}` : key))
    .toSorted();
  const flags = [fault && "FAULT", error && "ERROR", throttle && "THROTTLE"];
  return [name, call ?? operationOf(segment), shown.length > 0 && `{ ${shown.join(", ")} }`, ...flags]
    .filter(Boolean)
    .join(" ");
}

/** Annotations whose values no run chooses at random. */
const SETTLED = new Set([
  "trigger",
  "alarm",
  "decision",
  "verdict",
  "answer",
  "class",
  "resource",
  "site",
  "cluster",
]);

function isSettled(key: string, value: string | number | boolean): boolean {
  return SETTLED.has(key) && !String(value).startsWith("node/");
}

function operationOf({ aws }: TraceSegment): string | undefined {
  if (typeof aws !== "object" || aws === null || !("operation" in aws)) return undefined;
  return String(aws.operation);
}

function alike(blocks: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const block of blocks) counts.set(block, (counts.get(block) ?? 0) + 1);
  return [...counts].map(([block, count]) => {
    if (count === 1) return block;
    const [first = "", ...rest] = block.split("\n");
    return [`${first} × ${count}`, ...rest].join("\n");
  });
}
