import { segmentsOf, type Trace } from "../../../sandbox/xray/traces.ts";

/**
 * Whether everything of a trace has come: Lambda's two segments of each run, and the function's own `run`, which it
 * sends last.
 *
 * @param invocations of every function that may be in it
 */
export function isWhole(trace: Trace, invocations: readonly { readonly traceHeader: string }[]): boolean {
  const segments = segmentsOf(trace);
  const ids = new Set(segments.map(({ id }) => id));
  const runs = segments.filter(({ name }) => name === "run").length;
  const lambdas = segments.filter(
    ({ parent_id, name }) => name.startsWith("reflex-dev-") && parent_id,
  ).length;
  const invoked = invocations.filter(({ traceHeader }) => traceHeader.includes(trace.id)).length;
  return (
    runs === invoked &&
    lambdas >= invoked &&
    segments.every(({ parent_id }) => parent_id === undefined || ids.has(parent_id))
  );
}
