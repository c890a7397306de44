import type { AlarmChange, AlarmEvent, AlarmHistory, AlarmIncident } from "../model.ts";

/** More of one alarm are not on their way at a time. */
const MOST_KEPT = 10;

/**
 * What a change of an alarm means for its incidents. Pure. The queue brings changes twice and in any order: each comes to
 * the same events again, so that whoever has not got them yet gets them. An OK without a beginning is no news: every alarm
 * goes to OK after a first deploy.
 */
export function planAlarm(
  before: AlarmHistory,
  change: AlarmChange,
): { readonly after: AlarmHistory; readonly result: readonly AlarmEvent[] } {
  return change.state === "bad" ? wentBad(before, change) : ended(before, change, change.state);
}

function wentBad(before: AlarmHistory, { at, description, reason }: AlarmChange) {
  // A beginning that came late may cover others, which are on their way to their targets all the same.
  const known =
    before.incidents.find(({ since }) => since === at) ??
    before.incidents.find((one) => one.since <= at && at <= endOf(one));
  // Without data first and in ALARM then is one trouble.
  if (known) {
    const again = { ...known, lastBadAt: Math.max(known.lastBadAt, at) };
    const incidents = before.incidents.map((one) => (one === known ? again : one));
    return { after: { ...before, incidents }, result: known.since === at ? eventsOf(known) : [] };
  }
  const isOver = before.wellAt > at;
  const incident: AlarmIncident = {
    ...{ since: at, lastBadAt: at, description, reason },
    ...(isOver && { over: { at: before.wellAt, state: "ok" as const, reason: "" } }),
  };
  const incidents = [...before.incidents, incident].toSorted((a, b) => a.since - b.since).slice(-MOST_KEPT);
  return { after: { ...before, incidents }, result: eventsOf(incident) };
}

/** Whatever was bad until then is over, whichever of it came here first. */
function ended(before: AlarmHistory, { at, reason }: AlarmChange, state: "ok" | "deleted") {
  const incidents = before.incidents.map((one) =>
    one.lastBadAt <= at && !one.over ? { ...one, over: { at, state, reason } } : one,
  );
  return {
    after: { incidents, wellAt: Math.max(before.wellAt, at) },
    result: incidents
      .filter(({ over }) => over?.at === at)
      .map((incident) => ({ kind: "end" as const, incident })),
  };
}

const endOf = ({ over }: AlarmIncident): number => over?.at ?? Number.POSITIVE_INFINITY;

const eventsOf = (incident: AlarmIncident): readonly AlarmEvent[] => [
  { kind: "begin", incident },
  ...(incident.over ? [{ kind: "end" as const, incident }] : []),
];
