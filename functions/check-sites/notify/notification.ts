import { severityRank } from "../../../shared/incidents/severity.ts";
import type { Entry } from "../../../shared/ledger/entry.ts";
import type { Notification, NotificationState } from "../../../shared/notify/notification.ts";
import { durationText } from "../../../shared/time/duration.ts";
import { shownEndpoint } from "../config/endpoint.ts";
import type { Site } from "../config/site.ts";
import type { MonitorChange } from "../state/monitor-state.ts";
import type { PendingNotification } from "../state/outbox.ts";
import type { Change, StateName } from "../state/state.ts";

/** What a notification says beside the changes. */
export interface Occasion {
  /** ms since the epoch. */
  readonly now: number;
  readonly runId: string;
  readonly traceId?: string | undefined;
  /** The sites of the config. */
  readonly sites: readonly Site[];
  /** Where the status page is, if the config says so. */
  readonly pageUrl?: string | undefined;
  /** What the ledger did lately to resources the sites are related to, by resource. */
  readonly actions: readonly { readonly resource: string; readonly entries: readonly Entry[] }[];
}

/** More changes than this are counted and named in the text; `changes` has all of them. */
const DESCRIBED = 40;
const NAMED = 6;
const ACTIONS = 5;

type SiteChange = { readonly site: string; readonly change: Change };

/** What is pending, as a message treats it. */
interface Pending {
  readonly monitor: readonly MonitorChange[];
  readonly sites: readonly SiteChange[];
  /** Of the sites, those that are described; the others are named. */
  readonly described: readonly SiteChange[];
  /** The sites of the config, by name. */
  readonly known: ReadonlyMap<string, Site>;
}

/** One message for everything that a run notifies. */
export function notificationOf(pending: readonly PendingNotification[], occasion: Occasion): Notification {
  const sites = pending.flatMap((one) => (one.site === undefined ? [] : [one]));
  const monitor = pending.flatMap((one) => (one.site === undefined ? [one.change] : []));
  const described = sites.slice(0, DESCRIBED);
  const known = new Map(occasion.sites.map((site) => [site.name, site]));
  const all: Pending = { monitor, sites, described, known };
  return {
    ...identityOf(pending, all, occasion),
    ...importanceOf(all),
    headline: [...monitor.map(monitorHeadline), ...(sites.length > 0 ? [headline(sites)] : [])].join("; "),
    work: workOf(all, occasion),
    resourceMetrics: described.map(({ site, change }) => ({
      name: site,
      value: probed(known.get(site), change, occasion.pageUrl),
    })),
    events: latestOf(occasion.actions),
    changes: [
      ...monitor.map(monitorDocument),
      ...sites.map(({ site, change }) => asDocument(site, change, known.get(site))),
    ],
    ...headingOfOne(pending),
    done: { what: "nothing: check-sites only checks and notifies" },
    reasons: described.flatMap(({ site, change }) =>
      change.findings.map(({ reason, text }) => `${site}: ${reason}: ${text}`),
    ),
  };
}

/** Several changes have headings of their own. */
function headingOfOne([first, ...others]: readonly PendingNotification[]): Pick<Notification, "runbook"> {
  if (!first || others.length > 0) return {};
  return { runbook: headingOf(first.site === undefined ? "monitor" : stateShown(first.change)) };
}

/** Which message it is: with one change that change's own, so that it is the same whoever sends it again. */
function identityOf(
  pending: readonly PendingNotification[],
  { sites, monitor }: Pending,
  { now, runId, traceId }: Occasion,
) {
  const [first] = pending;
  const [only] = sites;
  return {
    id: pending.length === 1 && first ? first.change.id : `check-sites-${runId}-${first?.change.id}`,
    at: iso(now),
    automation: "check-sites",
    resource: sites.length === 1 && monitor.length === 0 && only ? `site/${only.site}` : "sites",
    ...(traceId !== undefined && { traceId }),
  };
}

/** Severity and state, over all changes. */
function importanceOf({ monitor, sites, known }: Pending): Pick<Notification, "severity" | "state"> {
  return {
    severity: mostSevere([
      ...monitor.map(() => "error" as const),
      ...sites.map(({ site, change }) => severityOf(change, known.get(site))),
    ]),
    state: sameState([
      ...monitor.map(({ suspected }) => (suspected ? ("begin" as const) : ("end" as const))),
      ...sites.map(({ change }) => notificationStateOf(change)),
    ]),
  };
}

function workOf({ monitor, sites, described }: Pending, occasion: Occasion): Notification["work"] {
  return [
    ...monitor.map((change) => ({ name: "The monitor", value: monitorText(change) })),
    ...described.map(({ site, change }) => ({
      name: site,
      value: describe(change) + dependents(site, change, occasion.sites),
    })),
    ...namesOnly(sites.slice(DESCRIBED)),
  ];
}

const mostSevere = (severities: readonly Notification["severity"][]): Notification["severity"] =>
  severities.toSorted((a, b) => severityRank(a) - severityRank(b))[0] ?? "info";

/** Sites beyond those that are described: their names, as far as there is room. */
const namesOnly = (left: readonly { readonly site: string }[]) =>
  left.length === 0
    ? []
    : [
        {
          name: `${left.length} more`,
          value: left
            .map(({ site }) => site)
            .join(", ")
            .slice(0, 2000),
        },
      ];

/** What Reflex did last to what the sites may depend on. */
const latestOf = (actions: Occasion["actions"]): Notification["events"] =>
  actions
    .flatMap(({ resource, entries }) =>
      entries.map(({ intent, outcome }) => ({
        at: iso(intent.at),
        text: `${resource}: ${intent.action} ${intent.from} -> ${intent.to}, ${outcome.result} (${intent.trigger})`,
      })),
    )
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, ACTIONS);

const WORDS: Readonly<Record<StateName, string>> = {
  DOWN: "DOWN",
  DEGRADED: "DEGRADED",
  UNKNOWN: "UNKNOWN (cannot be checked)",
  UP: "UP again",
};
const ORDER: readonly StateName[] = ["DOWN", "DEGRADED", "UNKNOWN", "UP"];

/**
 * By whom it hurts: a site that is DOWN has the severity of the config; one that is slow, or cannot be checked, has less. A
 * recovery has the severity of what is over, so that whoever heard of that hears of this.
 */
function severityOf({ from, to, incident }: Change, site: Site | undefined): Notification["severity"] {
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

function notificationStateOf({ kind, from, to }: Change): NotificationState {
  if (kind === "reminder") return kind;
  if (to === "UP" || kind === "removed") return "end";
  return from === "UP" ? "begin" : "change";
}

const sameState = (states: readonly NotificationState[]): NotificationState =>
  new Set(states).size === 1 ? (states[0] ?? "change") : "change";

function headline(sites: readonly SiteChange[]): string {
  const [one] = sites;
  if (sites.length === 1 && one) return `${one.site} is ${sentence(one.change)}`;
  const parts = ORDER.flatMap((state) => {
    const resolver = sites.filter(({ change }) => change.to === state).map(({ site }) => site);
    if (resolver.length === 0) return [];
    const named = resolver.slice(0, NAMED).join(", ") + (resolver.length > NAMED ? ", …" : "");
    return [`${resolver.length} ${resolver.length === 1 ? "site" : "sites"} ${WORDS[state]} (${named})`];
  });
  return parts.join(", ");
}

function sentence({ kind, from, to, at, incident, findings }: Change): string {
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

function describe(change: Change): string {
  const { from, to, incident } = change;
  const what = sentence(change);
  if (!incident) return `${what} (was ${from})`;
  if (to === "UP" && incident.until !== undefined) {
    const [first] = incident.first;
    return `${what}, from ${iso(incident.since)} to ${iso(incident.until)}; it began with ${first ? `${first.reason}: ${first.text}` : "an unknown error"}`;
  }
  return `${what} (was ${from}; since ${iso(incident.since)})`;
}

function asDocument(site: string, change: Change, known: Site | undefined) {
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
function stateShown({ kind, from, to, incident }: Change): string {
  if (kind === "flapping" || kind === "removed") return kind;
  return (to === "UP" ? (incident?.worst ?? from) : to).toLowerCase();
}

const headingOf = (what: string): string => `runbook/check-sites.md#${what}`;

/** The suspicion of the monitor, and its end, as a change of its own resource. */
function monitorDocument(change: MonitorChange) {
  const { id, suspected, at, since, examples } = change;
  return {
    id,
    resource: "sites",
    kind: "change" as const,
    state: suspected ? ("begin" as const) : ("end" as const),
    runbook: headingOf("monitor"),
    from: suspected ? "WORKS" : "SUSPECTED",
    to: suspected ? "SUSPECTED" : "WORKS",
    at: iso(at),
    headline: monitorHeadline(change),
    severity: "error" as const,
    incident: { id: `sites/monitor/${since.toString(36)}`, sequence: suspected ? 1 : 2 },
    found: [...examples],
    since: iso(since),
    ...(!suspected && { until: iso(at), seconds: Math.round((at - since) / 1000) }),
  };
}

/** Whom the failure of a site takes with it, whose own failures are then not notified. */
function dependents(site: string, { to }: Change, sites: readonly Site[]): string {
  const names = sites.filter(({ dependsOn }) => dependsOn.includes(site)).map(({ name }) => name);
  if (to !== "DOWN" || names.length === 0) return "";
  const named = names.slice(0, NAMED).join(", ") + (names.length > NAMED ? ", …" : "");
  return `. ${names.length} ${names.length === 1 ? "site depends" : "sites depend"} on it: ${named}`;
}

/** What was probed, where, how long it took, and where to read on. */
function probed(site: Site | undefined, change: Change, pageUrl: string | undefined): string {
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

function monitorHeadline({ suspected, failing, of, since, at }: MonitorChange): string {
  return suspected
    ? `no answer from ${failing} of ${of} sites and the canary: the monitor's own network is suspected`
    : `the monitor's network works again after ${durationText(at - since)}`;
}

function monitorText(change: MonitorChange): string {
  const { suspected, examples } = change;
  if (!suspected) return monitorHeadline(change);
  return (
    `${monitorHeadline(change)}, or something all of them share. ` +
    `These sites are UNKNOWN until one answers, and DOWN if that takes too long. For example ${examples.join("; ")}`
  );
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
