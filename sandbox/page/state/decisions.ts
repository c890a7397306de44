import type { Invocation } from "../../lambda/function.ts";
import { readFunctionResult } from "../../run/function-results.ts";

/** What one run decided about one resource, from the function's own answer. */
export interface Decision {
  /** For example `stream/sample`. */
  readonly resource: string;
  readonly at: number;
  readonly verdict: string;
  /** `nothing`, or what was done. */
  readonly did: string;
  readonly reasons: readonly string[];
  readonly trigger?: string;
  readonly traceId?: string;
}

const known = new WeakMap<Invocation, readonly Decision[]>();

/** What an invocation decided; nothing for a function whose answer holds no decisions. Each is read once. */
export function decisionsOf(invocation: Invocation): readonly Decision[] {
  const before = known.get(invocation);
  if (before) return before;
  const decisions = read(invocation);
  known.set(invocation, decisions);
  return decisions;
}

function read({ result, at, traceHeader }: Invocation): Decision[] {
  if (!result.ok) return [];
  const parsed = readFunctionResult(result.payload);
  if (!parsed) return [];
  const { decisions, drains, notified, notUp } = parsed;
  const traceId = traceIdOf(traceHeader);
  const common = { at, ...(traceId !== undefined && { traceId }) };
  return [
    ...decisions.map(({ kind, name, trigger, verdict, action, reasons }) => ({
      ...common,
      resource: `${kind}/${name}`,
      ...{ trigger, verdict, did: action === "none" ? "nothing" : action, reasons },
    })),
    ...drains.map(({ node, cause, outcome, reason }) => ({
      ...common,
      resource: `node/${node}`,
      verdict: outcome,
      did: reason,
      reasons: [],
      trigger: cause,
    })),
    ...notified.flatMap((line) => siteChange(line, notUp).map((change) => ({ ...common, ...change }))),
  ];
}

/** A site's change of state is notified once; what was found stands beside it. */
function siteChange(line: string, notUp: readonly string[]): Omit<Decision, "at">[] {
  const [, site, from, to] = /^(.+): (\S+) -> (\S+)$/.exec(line) ?? [];
  if (site === undefined || from === undefined || to === undefined) return [];
  const found = notUp.flatMap((one) => one.split(`${site}: ${to}: `).slice(1));
  return [{ resource: `site/${site}`, verdict: to, did: `${from} -> ${to}`, reasons: found }];
}

/** The trace id of a trace header. */
export function traceIdOf(header: string): string | undefined {
  return /Root=([^;]+)/.exec(header)?.[1];
}

/** The latest decision about each resource. */
export function latestDecisions(invocations: readonly Invocation[]): ReadonlyMap<string, Decision> {
  const ordered = invocations.flatMap(decisionsOf).toSorted((a, b) => a.at - b.at);
  return new Map(ordered.map((decision) => [decision.resource, decision]));
}
