import { severityRank } from "../../../shared/incidents/severity.ts";
import type { Notification, NotificationState } from "../../../shared/notify/notification.ts";
import { durationText } from "../../../shared/time/duration.ts";
import { shownEndpoint } from "../config/endpoint.ts";
import type { Site } from "../config/site.ts";
import type { Change, StateName } from "../state/state.ts";
import { atMost, headingOf, iso } from "./text.ts";

/** A state as a headline has it. */
export const WORDS: Readonly<Record<StateName, string>> = {
  DOWN: "DOWN",
  DEGRADED: "DEGRADED",
  UNKNOWN: "UNKNOWN (cannot be checked)",
  UP: "UP again",
};

/**
 * By whom it hurts: a site that is DOWN has the severity of the config; one that is slow, or cannot be checked, has less. A
 * recovery has the severity of what is over, so that whoever heard of that hears of this.
 */
export function severityOf({ from, to, incident }: Change, site: Site | undefined): Notification["severity"] {
  const state = to === "UP" ? (incident?.worst ?? from) : to;
  const most = SEVERITIES[state] ?? "info";
  const configured = site?.severity ?? "critical";
  return severityRank(configured) > severityRank(most) ? configured : most;
}

const SEVERITIES: Partial<Record<StateName, Notification["severity"]>> = {
  DOWN: "critical",
  UNKNOWN: "error",
  DEGRADED: "warning",
};

/** Whether people are to see a beginning, an end, or something in between. */
export function notificationStateOf({ kind, from, to }: Change): NotificationState {
  if (kind === "reminder") return kind;
  if (to === "UP" || kind === "removed") return "end";
  return from === "UP" ? "begin" : "change";
}

/** What became of a site, as it follows `<site> is`. */
export function sentence({ kind, from, to, at, incident, findings }: Change): string {
  const [found] = findings;
  const why = found ? `: ${found.text}` : "";
  if (kind === "removed") return `not in the config any more (was ${from})`;
  if (kind === "flapping") return `flapping, now ${to}: further changes are held back until it settles${why}`;
  if (kind === "reminder" && to === "UNKNOWN") return `still UNKNOWN (cannot be checked)${why}`;
  if (kind === "reminder" && incident) return `still DOWN, for ${durationText(at - incident.since)}${why}`;
  if (to === "UP" && incident?.until !== undefined) {
    return `UP again after ${durationText(incident.until - incident.since)} ${incident.worst}`;
  }
  return `${WORDS[to]}${why}`;
}

/** The same, with what it was before, since when, and how it began. */
export function describe(change: Change): string {
  const { from, to, incident } = change;
  const what = sentence(change);
  if (!incident) return `${what} (was ${from})`;
  if (to === "UP" && incident.until !== undefined) {
    const [first] = incident.first;
    return `${what}, from ${iso(incident.since)} to ${iso(incident.until)}; it began with ${first ? `${first.reason}: ${first.text}` : "an unknown error"}`;
  }
  return `${what} (was ${from}; since ${iso(incident.since)})`;
}

/** The change as it stands in the message's list, for programs. */
export function asDocument(site: string, change: Change, known: Site | undefined) {
  const { id, kind, from, to, at, incident, thread, findings, lastGood } = change;
  const until = incident?.until;
  return {
    id,
    resource: `site/${site}`,
    kind: kind === "reminder" ? kind : ("change" as const),
    state: notificationStateOf(change),
    from,
    to: kind === "flapping" ? "FLAPPING" : to,
    runbook: headingOf(stateShown(change)),
    at: iso(at),
    headline: `${site} is ${sentence(change)}`,
    severity: severityOf(change, known),
    ...(known?.group !== undefined && { group: known.group }),
    ...(thread && { incident: { id: `site/${site}/${thread.id}`, sequence: thread.sequence } }),
    ...(findings[0] && { reason: findings[0].reason }),
    found: findings.map(({ text }) => text),
    ...(incident && { since: iso(incident.since), first: incident.first.map(({ text }) => text) }),
    ...(incident &&
      until !== undefined && { until: iso(until), seconds: Math.round((until - incident.since) / 1000) }),
    ...(lastGood !== undefined && { lastGood: iso(lastGood) }),
  };
}

/** What a person has to see to, or had to: the heading of the runbook has its name. */
export function stateShown({ kind, from, to, incident }: Change): string {
  if (kind === "flapping" || kind === "removed") return kind;
  return (to === "UP" ? (incident?.worst ?? from) : to).toLowerCase();
}

/** Whom the failure of a site takes with it, whose own failures are then not notified. */
export function dependents(site: string, { to }: Change, sites: readonly Site[]): string {
  const names = sites.filter(({ dependsOn }) => dependsOn.includes(site)).map(({ name }) => name);
  if (to !== "DOWN" || names.length === 0) return "";
  return `. ${names.length} ${names.length === 1 ? "site depends" : "sites depend"} on it: ${atMost(names)}`;
}

/** What was probed, where, how long it took, and where to read on. */
export function probed(site: Site | undefined, change: Change, pageUrl: string | undefined): string {
  if (!site) return "not in the config any more";
  const { address, phases = {} } = change.probe ?? {};
  const took = Object.entries(phases).map(([phase, ms]) => `${phase} ${ms} ms`);
  return [
    `${shownEndpoint(site.endpoint)}${address === undefined ? "" : ` at ${address}`}`,
    ...(took.length > 0 ? [took.join(", ")] : []),
    lastGood(change),
    ...(pageUrl === undefined ? [] : [`status page ${pageUrl}`]),
    ...(site.runbook === undefined ? [] : [`runbook ${site.runbook}`]),
  ].join("; ");
}

function lastGood({ lastGood: at }: Change): string {
  return at === undefined ? "no good check so far" : `last good check ${iso(at)}`;
}
