import type { Trace } from "../../xray/traces.ts";
import { type Segment, segmentsWithPlace } from "./segment.ts";
import type { ServiceEdge, ServiceKind, ServiceMap, ServiceNode } from "./state.ts";

/** More remote hosts than this are one node: a site check may have hundreds. */
const MOST_HOSTS = 6;

interface Tally {
  calls: number;
  faults: number;
  ms: number;
}

/** Who calls whom, read from traces as X-Ray's own map is: triggers, functions, AWS services, remote hosts. */
export function serviceMap(traces: readonly Trace[]): ServiceMap {
  const nodes = new Map<string, Tally & { name: string; kind: ServiceKind }>();
  const edges = new Map<string, Tally & { from: string; to: string }>();
  const hosts = new Set<string>();

  const count = (from: Place, to: Place, { fault, start, end = start }: Segment): void => {
    const one = { calls: 1, faults: fault ? 1 : 0, ms: end - start };
    nodes.set(from.id, nodes.get(from.id) ?? { ...from, calls: 0, faults: 0, ms: 0 });
    nodes.set(to.id, { ...to, ...added(nodes.get(to.id), one) });
    const key = `${from.id} ${to.id}`;
    edges.set(key, { from: from.id, to: to.id, ...added(edges.get(key), one) });
  };
  const hostPlace = (name: string): Place => {
    if (hosts.size < MOST_HOSTS) hosts.add(name);
    return hosts.has(name) ? placeOf("remote", name) : placeOf("remote", "other hosts");
  };

  for (const trace of traces) {
    const segments = segmentsWithPlace(trace);
    const byId = new Map(segments.map((segment) => [segment.id, segment]));
    const inner = Map.groupBy(segments, ({ parentId }) => parentId);
    for (const segment of segments) {
      if (segment.kind === "service") {
        const caller = functionAround(segment, byId);
        const from = caller ? placeOf("function", caller.name) : placeOf("trigger", triggerOf(segments));
        count(from, placeOf("function", segment.name), segment);
        continue;
      }
      if (segment.kind !== "aws" && segment.kind !== "remote") continue;
      // A call that another function's segment is below is the edge to that function, counted there.
      if (inner.get(segment.id)?.some(({ kind }) => kind === "service")) continue;
      const caller = functionAround(segment, byId);
      if (!caller) continue;
      const to = segment.kind === "aws" ? placeOf("aws", segment.name) : hostPlace(segment.name);
      count(placeOf("function", caller.name), to, segment);
    }
  }
  return {
    nodes: [...nodes].map(
      ([id, { name, kind, calls, faults, ms }]): ServiceNode => ({
        ...{ id, name, kind, calls, faults },
        meanMs: calls > 0 ? ms / calls : 0,
      }),
    ),
    edges: [...edges.values()].map(
      ({ from, to, calls, faults }): ServiceEdge => ({ from, to, calls, faults }),
    ),
    traces: traces.length,
  };
}

interface Place {
  readonly id: string;
  readonly name: string;
  readonly kind: ServiceKind;
}

const placeOf = (kind: ServiceKind, name: string): Place => ({ id: `${kind} ${name}`, name, kind });

const added = (before: Tally | undefined, one: Tally): Tally => ({
  calls: (before?.calls ?? 0) + one.calls,
  faults: (before?.faults ?? 0) + one.faults,
  ms: (before?.ms ?? 0) + one.ms,
});

/** The function a segment is inside of. */
function functionAround(segment: Segment, byId: ReadonlyMap<string, Segment>): Segment | undefined {
  let around = byId.get(segment.parentId ?? "");
  while (around && around.kind !== "function") around = byId.get(around.parentId ?? "");
  return around;
}

/** What woke the run, where it says so. */
function triggerOf(segments: readonly Segment[]): string {
  const said = segments.find(({ annotations }) => annotations.trigger !== undefined)?.annotations.trigger;
  return said === undefined ? "event" : String(said);
}
