import type { Annotations } from "./annotations.ts";
import type { Subsegment } from "./context.ts";

/**
 * X-Ray indexes so many annotations of a trace: https://docs.aws.amazon.com/general/latest/gr/xray.html
 * It does not say which.
 */
const INDEXED = 50;

/** So many of them are for any key; the rest is kept for the keys that people search by. */
const FOR_ANY_KEY = 40;

/** Who woke the run, what it changed, and what somebody has to see to. */
const SEARCHED: ReadonlySet<keyof Annotations> = new Set([
  "automation",
  "requestId",
  "trigger",
  "alarm",
  "changed",
  "notified",
  "severity",
  "class",
  "down",
]);

interface Counted {
  readonly traceId: string | undefined;
  readonly different: Set<string>;
}

/** By Lambda's own segment, which is one for the whole process. */
const counted = new WeakMap<object, Counted>();

/**
 * Whether an annotation has a place among those that X-Ray indexes of its trace. Equal ones count once. A sweep over many
 * resources has hundreds: without this, which of them a search finds would be chance.
 */
export function isIndexed(
  { segment }: Subsegment,
  key: keyof Annotations,
  value: string | number | boolean,
): boolean {
  const { different } = countOf(segment);
  const annotation = `${key}=${value}`;
  if (different.has(annotation)) return true;
  if (different.size >= (SEARCHED.has(key) ? INDEXED : FOR_ANY_KEY)) return false;
  different.add(annotation);
  return true;
}

function countOf(segment: Subsegment["segment"]): Counted {
  const now = counted.get(segment);
  if (now && now.traceId === segment.trace_id) return now;
  const begun = { traceId: segment.trace_id, different: new Set<string>() };
  counted.set(segment, begun);
  return begun;
}
