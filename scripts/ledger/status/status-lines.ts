import type { KeptDecision } from "../../../shared/ledger/entry.ts";
import { pauseText, type StandingPause } from "../../../shared/ledger/pauses.ts";
import { durationText } from "../../../shared/time/duration.ts";
import type { SiteStatus } from "../site-view.ts";
import type { ResourceView } from "../view.ts";
import { entryLine, incidentLine } from "../wording.ts";
import type { KeptTraces } from "./kept-traces.ts";
import type { Landed } from "./looks.ts";
import type { MonthCost } from "./month-cost.ts";

const MOST_URGENT_FIRST = ["critical", "error", "warning", "info"];

/** A stream or node pool, and when it was last looked at. */
export interface ResourceStatus extends ResourceView {
  /** ms since the epoch; absent where its automation has not run for three hours. */
  readonly lastLook?: number;
  /** For how long it has had no good look, or not what it needed. */
  readonly minutesStale?: number;
}

/** What `reflex status` says, as data. */
export interface Status {
  readonly stage: string;
  /** ms since the epoch. */
  readonly at: number;
  /** Alarms on Reflex itself that a person has to see to. */
  readonly alarms: readonly string[];
  /** What a person has stopped for a while. */
  readonly pauses: readonly StandingPause[];
  readonly resources: readonly ResourceStatus[];
  readonly sites: readonly SiteStatus[];
  readonly landed: readonly ({ readonly stream: string } & Landed)[];
  /** Absent where nothing was decided yet, or X-Ray may not be asked. */
  readonly traces?: KeptTraces;
  /** Absent where there is no config for the stage here, or a wrong one. */
  readonly cost?: MonthCost;
}

/** One screen: what needs a person first, then each resource, site and landed stream. */
export function statusText(status: Status): string {
  const { stage, at, pauses, resources, sites, landed, traces, cost } = status;
  const needs = needsAPerson(status);
  return [
    `Stage ${stage}`,
    "",
    needs.length === 0 ? "Needs a person: nothing" : "Needs a person:",
    ...needs.map((line) => `  ${line}`),
    ...section(
      "Paused:",
      pauses.map((one) => `  ${pauseText(one)}`),
    ),
    "",
    resources.length === 0 ? "Resources: the ledger has none yet" : "Resources:",
    ...resources.flatMap((one) => resourceLines(one, at)),
    ...section(
      "Sites:",
      sites.map((one) => siteLine(one, at)),
    ),
    ...section(
      "Landed streams:",
      landed.map((one) => landedLine(one, at)),
    ),
    ...(traces
      ? ["", `X-Ray kept the traces of ${traces.kept} of the last ${traces.decisions} decisions and changes`]
      : []),
    ...(cost ? ["", costLine(cost)] : []),
  ].join("\n");
}

const costLine = ({ config, usdSoFar, usdAMonth }: MonthCost): string =>
  `This month so far about $${usdSoFar.toFixed(2)} of $${usdAMonth.toFixed(2)}: an estimate, at rest by ${config} (reflex cost has its lines)`;

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, ...lines];

/** Alarms, then incidents and sites, the most urgent first. */
function needsAPerson({ alarms, resources, sites, at }: Status): readonly string[] {
  const open = resources.flatMap(({ resource, openIncidents }) =>
    openIncidents.map((incident) => ({ ...incident, line: incidentLine(resource, incident, at) })),
  );
  const down = sites
    .filter(({ state }) => state === "DOWN" || state === "DEGRADED")
    .map((site) => ({ ...site, severity: site.state === "DOWN" ? "critical" : "warning" }))
    .map(({ severity, ...site }) => ({
      severity,
      since: site.since,
      line: `${severity.padEnd(8)}${siteLine(site, at)}`,
    }));
  const urgent = [...open, ...down].toSorted(
    (a, b) =>
      MOST_URGENT_FIRST.indexOf(a.severity) - MOST_URGENT_FIRST.indexOf(b.severity) || a.since - b.since,
  );
  return [...alarms.map((name) => `alarm     ${name}`), ...urgent.map(({ line }) => line)];
}

const ago = (at: number, now: number): string => `${durationText(Math.max(0, now - at))} ago`;

function siteLine({ resource, state, since, checkedAt, findings: [found] }: SiteStatus, now: number): string {
  const why = found === undefined || state === "UP" ? "" : `: ${found}`;
  return `  ${resource}  ${state} for ${durationText(Math.max(0, now - since))}, checked ${ago(checkedAt, now)}${why}`;
}

function landedLine({ stream, lastBatch, ageMs }: Status["landed"][number], now: number): string {
  const age = ageMs === undefined ? "" : `, its last record ${durationText(ageMs)} old`;
  return `  stream/${stream}  ${lastBatch === undefined ? "no batch in 3 hours" : `last batch ${ago(lastBatch, now)}${age}`}`;
}

function resourceLines(one: ResourceStatus, at: number): readonly string[] {
  const { resource, inDoubt, lastDecision } = one;
  const [last] = one.entries;
  return [
    `  ${resource}  ${last ? `last change ${entryLine(last)}` : "no change in 90 days"}`,
    ...(lastDecision ? [`    ${decisionSince(lastDecision, at)}`] : []),
    ...lookLines(one, at),
    ...(inDoubt
      ? [
          `    in doubt: ${inDoubt.action}, begun ${durationText(Math.max(0, at - inDoubt.at))} ago without an outcome`,
        ]
      : []),
  ];
}

function lookLines({ lastLook, minutesStale }: ResourceStatus, now: number): readonly string[] {
  if (minutesStale !== undefined)
    return [`    for ${minutesStale} min without a good look, or without what it needs`];
  return lastLook === undefined ? [] : [`    last look ${ago(lastLook, now)}`];
}

/** What every look since then has come to. */
function decisionSince({ verdict, held, at: since, reasons: [reason] }: KeptDecision, at: number): string {
  const why = { paused: "paused", observe: "mode observe", ask: "not approved" };
  const state = held ? `${verdict} (${why[held]})` : verdict;
  return `${state} for ${durationText(Math.max(0, at - since))}${reason === undefined ? "" : `: ${reason}`}`;
}
