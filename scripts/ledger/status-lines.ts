import type { KeptDecision } from "../../shared/ledger/entry.ts";
import { pauseText, type StandingPause } from "../../shared/ledger/pauses.ts";
import { durationText } from "../../shared/time/duration.ts";
import type { ResourceView } from "./view.ts";
import { entryLine, incidentLine } from "./wording.ts";

const MOST_URGENT_FIRST = ["critical", "error", "warning", "info"];

/** What `reflex status` says, as data. */
export interface Status {
  readonly stage: string;
  /** ms since the epoch. */
  readonly at: number;
  /** Alarms on Reflex itself that a person has to see to. */
  readonly alarms: readonly string[];
  /** What a person has stopped for a while. */
  readonly pauses: readonly StandingPause[];
  readonly resources: readonly ResourceView[];
}

/** One screen: what needs a person first, then each resource with its last change. */
export function statusText({ stage, at, alarms, pauses, resources }: Status): string {
  const open = resources
    .flatMap(({ resource, openIncidents }) => openIncidents.map((incident) => ({ resource, incident })))
    .toSorted(
      (a, b) =>
        MOST_URGENT_FIRST.indexOf(a.incident.severity) - MOST_URGENT_FIRST.indexOf(b.incident.severity) ||
        a.incident.since - b.incident.since,
    );
  return [
    `Stage ${stage}`,
    "",
    open.length + alarms.length === 0 ? "Needs a person: nothing" : "Needs a person:",
    ...alarms.map((name) => `  alarm     ${name}`),
    ...open.map(({ resource, incident }) => `  ${incidentLine(resource, incident, at)}`),
    ...(pauses.length > 0 ? ["", "Paused:", ...pauses.map((one) => `  ${pauseText(one)}`)] : []),
    "",
    resources.length === 0 ? "Resources: the ledger has none yet" : "Resources:",
    ...resources.flatMap((one) => resourceLines(one, at)),
  ].join("\n");
}

function resourceLines(
  { resource, entries: [last], inDoubt, lastDecision }: ResourceView,
  at: number,
): string[] {
  return [
    `  ${resource}  ${last ? `last change ${entryLine(last)}` : "no change in 90 days"}`,
    ...(lastDecision ? [`    ${decisionSince(lastDecision, at)}`] : []),
    ...(inDoubt
      ? [
          `    in doubt: ${inDoubt.action}, begun ${durationText(Math.max(0, at - inDoubt.at))} ago without an outcome`,
        ]
      : []),
  ];
}

/** What every look since then has come to. */
function decisionSince({ verdict, held, at: since, reasons: [reason] }: KeptDecision, at: number): string {
  const why = { paused: "paused", observe: "mode observe", ask: "not approved" };
  const state = held ? `${verdict} (${why[held]})` : verdict;
  return `${state} for ${durationText(Math.max(0, at - since))}${reason === undefined ? "" : `: ${reason}`}`;
}
