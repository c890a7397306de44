import type { IncidentEvent } from "../incidents/incident.ts";
import { durationText } from "../time/duration.ts";
import type { Notification } from "./notification.ts";
import { headingOf } from "./runbook.ts";

/** What an automation adds to the notification of an incident: all of it from its own observation. */
export type IncidentContext = Pick<Notification, "automation" | "resource"> &
  Partial<
    Pick<
      Notification,
      | "work"
      | "resourceMetrics"
      | "events"
      | "done"
      | "reasons"
      | "undo"
      | "traceId"
      | "approval"
      | "costPerMonth"
    >
  >;

/** The notification of one event of an incident. */
export function incidentNotification(event: IncidentEvent, context: IncidentContext): Notification {
  const { id, kind, at, incident } = event;
  const { severity, code, since, clearSince, text } = incident;
  return {
    id,
    at: iso(at),
    severity,
    state: incident.kind === "event" ? "action" : kind,
    ...(incident.kind === "condition" && {
      incident: {
        id: incident.id,
        sequence: incident.sequence,
        code,
        since: iso(since),
        ...(kind === "end" && { until: iso(clearSince ?? at) }),
      },
    }),
    runbook: headingOf(context.automation, incident),
    headline: `${nameOf(context.resource)}: ${headlineOf(event)}`,
    work: [],
    resourceMetrics: [],
    events: [],
    done: { what: "nothing" },
    ...context,
    reasons: [...(context.reasons ?? [text]), ...beforeOf(event)],
  };
}

/** What it was about until now. */
const beforeOf = ({ incident, previousText }: IncidentEvent): string[] =>
  previousText === undefined || previousText === incident.text ? [] : [`until now: ${previousText}`];

function headlineOf({ kind, at, incident, previousText }: IncidentEvent): string {
  const { text, since, clearSince, severity } = incident;
  switch (kind) {
    case "begin":
      return text;
    case "change":
      // The same matter hurts more or less, or has another cause: the reasons say which.
      return text === previousText ? `now ${severity}: ${text}` : text;
    case "reminder":
      return `still, for ${durationText(at - since)}: ${text}`;
    case "end":
      return `over after ${durationText((clearSince ?? at) - since)}: ${text}`;
  }
}

/** `orders` of `stream/orders`. */
const nameOf = (resource: string): string => resource.slice(resource.indexOf("/") + 1);

const iso = (at: number): string => new Date(at).toISOString();
