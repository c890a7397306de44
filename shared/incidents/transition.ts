import type { Condition, Incident, IncidentEvent, Incidents } from "./incident.ts";

/** The conditions one run found of one resource. */
export interface Finding {
  readonly conditions: readonly Condition[];
  /**
   * What it means that a condition is not among them: `all`: the run looked at everything, it is over; `listed`: the
   * run could not look, only the listed ones are known.
   */
  readonly judged: "all" | "listed";
}

const MINUTE_MS = 60_000;
/** An incident that stands is notified of again after this. */
export const REMIND_AFTER_MS = 24 * 60 * MINUTE_MS;
/** A condition has to be away for this long before its incident is over: one that comes and goes is one incident. */
export const OVER_AFTER_MS = 5 * MINUTE_MS;

export interface Transition {
  readonly after: Incidents;
  /** In the order in which they are to be sent. */
  readonly events: readonly IncidentEvent[];
}

/**
 * The incidents of a resource after one more run, and what people have to be notified of. Pure, and the same again for
 * the same input: two runs that find the same at the same state come to the same events.
 *
 * @param resource as the ledger names it, for example `stream/orders`
 */
export function transition(resource: string, before: Incidents, finding: Finding, now: number): Transition {
  const found = new Map(finding.conditions.map((condition) => [condition.key, condition]));
  const steps = [
    ...[...found.values()].map((condition) => stepOf(resource, before[condition.key], condition, now)),
    ...Object.values(before).flatMap((incident) =>
      found.has(incident.key)
        ? []
        : [finding.judged === "all" ? withoutCondition(incident, now) : { incident }],
    ),
  ];
  return {
    after: Object.fromEntries(steps.flatMap(({ incident }) => (incident ? [[incident.key, incident]] : []))),
    events: steps.flatMap(({ event }) => event ?? []),
  };
}

interface Step {
  /** As it is kept; absent when it is over. */
  readonly incident?: Incident;
  readonly event?: IncidentEvent;
}

function stepOf(resource: string, known: Incident | undefined, condition: Condition, now: number): Step {
  if (!known) return beginWhenDue(newIncident(resource, condition, now), condition, now);
  if (known.lastNotifiedAt === undefined) return beginWhenDue(known, condition, now);
  const { clearSince: _returned, ...standing } = known;
  const cause = causeOf(condition);
  if (isNews(standing, cause, now)) {
    const step = withEvent(standing, "change", condition, now);
    return { ...step, event: { ...step.event, previousText: standing.text } };
  }
  if (now - known.lastNotifiedAt >= REMIND_AFTER_MS) return withEvent(standing, "reminder", condition, now);
  // Back at a cause that people know of: what is kept follows, so that the end speaks of the latest.
  const { code, text, severity } = condition;
  return { incident: code === standing.code ? standing : { ...standing, code, text, severity } };
}

const newIncident = (
  resource: string,
  { key, kind = "condition", code, text, severity }: Condition,
  now: number,
): Incident => ({
  key,
  kind,
  id: `${resource}/${key}/${now.toString(36)}`,
  code,
  text,
  severity,
  since: now,
  sequence: 0,
  causes: {},
});

function beginWhenDue(pending: Incident, condition: Condition, now: number): Step {
  return now - pending.since >= (condition.onlyAfterMs ?? 0)
    ? withEvent(pending, "begin", condition, now)
    : { incident: pending };
}

/** A cause that this incident did not have within the time of a reminder. */
function isNews({ causes }: Incident, cause: string, now: number): boolean {
  const notifiedAt = causes[cause];
  return notifiedAt === undefined || (now - notifiedAt >= REMIND_AFTER_MS && !isLatest(causes, cause));
}

const isLatest = (causes: Incident["causes"], cause: string): boolean =>
  causes[cause] === Math.max(...Object.values(causes));

/** What makes a cause another one: a higher severity is worth a notification too. */
const causeOf = ({ code, cause = "", severity }: Condition): string => `${severity}/${code}/${cause}`;

function withEvent(
  before: Incident,
  kind: IncidentEvent["kind"],
  condition: Condition,
  now: number,
): { readonly incident: Incident; readonly event: IncidentEvent } {
  const { code, text, severity } = condition;
  const sequence = before.sequence + 1;
  const causes = { ...before.causes, [causeOf(condition)]: now };
  const incident = { ...before, code, text, severity, sequence, causes, lastNotifiedAt: now };
  return { incident, event: { id: `${incident.id}/${sequence}`, kind, at: now, incident } };
}

/** Nobody heard of a pending one. An event has no end; it is kept for as long as its causes are not notified again. */
function withoutCondition(incident: Incident, now: number): Step {
  if (incident.lastNotifiedAt === undefined) return {};
  if (incident.kind === "event") return now - incident.lastNotifiedAt < REMIND_AFTER_MS ? { incident } : {};
  const clearSince = incident.clearSince ?? now;
  const over = { ...incident, clearSince };
  if (now - clearSince < OVER_AFTER_MS) return { incident: over };
  const sequence = over.sequence + 1;
  return { event: { id: `${over.id}/${sequence}`, kind: "end", at: now, incident: { ...over, sequence } } };
}
