import { severityRank } from "../../../shared/incidents/severity.ts";
import type { Entry } from "../../../shared/ledger/entry.ts";
import type { Notification, NotificationState } from "../../../shared/notify/notification.ts";
import type { Site } from "../config/site.ts";
import type { MonitorChange } from "../state/monitor-state.ts";
import type { PendingNotification } from "../state/outbox.ts";
import type { Change, StateName } from "../state/state.ts";
import { monitorDocument, monitorHeadline, monitorText } from "./monitor-change.ts";
import {
  asDocument,
  dependents,
  describe,
  notificationStateOf,
  probed,
  sentence,
  severityOf,
  stateShown,
  WORDS,
} from "./site-change.ts";
import { atMost, headingOf, iso } from "./text.ts";

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

const ORDER: readonly StateName[] = ["DOWN", "DEGRADED", "UNKNOWN", "UP"];

const sameState = (states: readonly NotificationState[]): NotificationState =>
  new Set(states).size === 1 ? (states[0] ?? "change") : "change";

/** Several changes of one site are one, the newest: how it stands now. */
function headline(sites: readonly SiteChange[]): string {
  const newest = [...new Map(sites.map((one) => [one.site, one])).values()];
  const [one, ...others] = newest;
  if (one && others.length === 0) return `${one.site} is ${sentence(one.change)}`;
  // What left the config is not UP again: nobody knows.
  const isRemoved = ({ change }: SiteChange) => change.kind === "removed";
  const parts = ORDER.map((state) =>
    counted(
      newest.filter((one) => !isRemoved(one) && one.change.to === state),
      WORDS[state],
    ),
  );
  return [...parts, counted(newest.filter(isRemoved), "not in the config any more")]
    .filter((part) => part !== "")
    .join(", ");
}

/** For example `2 sites DOWN (shop, blog)`; empty for none. */
function counted(changes: readonly SiteChange[], what: string): string {
  if (changes.length === 0) return "";
  const names = changes.map(({ site }) => site);
  return `${names.length} ${names.length === 1 ? "site" : "sites"} ${what} (${atMost(names)})`;
}
