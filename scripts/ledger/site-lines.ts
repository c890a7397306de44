import { durationText } from "../../shared/time/duration.ts";
import type { SiteIncident, SiteStatus } from "./site-view.ts";
import { timeText } from "./wording.ts";

const MOST_SHOWN = 8;

/** What `reflex why` says of a site: its state and what fails, the last change, and what was before. */
export function siteExplanation(site: SiteStatus, now: number): readonly string[] {
  const { state, since, checkedAt, findings, lastGood, notified, traceId, incidents } = site;
  return [
    `${site.resource}  ${state} for ${lasting(since, now)}, since ${timeText(since)}`,
    `    last check ${timeText(checkedAt)}, ${lasting(checkedAt, now)} ago`,
    ...findings.map((text) => `    fails: ${text}`),
    ...(findings.length === 0 && state === "UP" ? ["    every condition holds"] : []),
    ...(state !== "UP" && lastGood !== undefined ? [`    last check that was UP ${timeText(lastGood)}`] : []),
    notified
      ? `    last change notified: ${notified.state} at ${timeText(notified.at)}`
      : "    no change notified yet",
    ...(traceId === undefined ? [] : [`    trace ${traceId}`]),
    ...incidents.slice(0, MOST_SHOWN).map(downtimeLine),
  ];
}

/** What the site was at a moment, as far as its state now and its incidents say. */
export function siteAt({ resource, state, since, incidents }: SiteStatus, at: number): readonly string[] {
  const then = incidents.find((one) => one.since <= at && at < (one.until ?? Number.POSITIVE_INFINITY));
  if (then) return [`${resource} at ${timeText(at)}:`, downtimeLine(then)];
  if (since <= at) return [`${resource} at ${timeText(at)}: ${state}, since ${timeText(since)}`];
  return [`${resource} at ${timeText(at)}: no incident is kept of that moment`];
}

const lasting = (from: number, now: number) => durationText(Math.max(0, now - from));

/** One time the site was not UP; `incidentLine` of wording.ts is about one that lasts and who has to do something. */
function downtimeLine({ since, until, worst, cause }: SiteIncident): string {
  const end = until === undefined ? "and lasts" : `until ${timeText(until)}, ${lasting(since, until)}`;
  return `${timeText(since)}  ${worst} ${end}: ${cause}`;
}
