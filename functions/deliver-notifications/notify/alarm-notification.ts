import { REFLEX } from "../../../shared/routes/route.ts";
import { durationText } from "../../../shared/time/duration.ts";
import type { AlarmChange, AlarmEvent, SingleNotification, ThreadEvent } from "../model.ts";
import { cut } from "./content.ts";
import { consoleLink, type LinkPlace } from "./links.ts";

/** By the tag that descriptions begin with: `[page]`, `[ticket]`. */
const SEVERITIES: Readonly<Record<string, SingleNotification["severity"]>> = {
  page: "critical",
  ticket: "warning",
};
/** An alarm that somebody else has connected to the topic says nothing of that. */
const UNTAGGED = "error";

const LONGEST_REASON = 500;

/** An event of an alarm's incident: the end follows the beginning, under one id. */
export function alarmThreadEvent(
  { alarm, resource }: Pick<AlarmChange, "alarm" | "resource">,
  { kind, incident }: AlarmEvent,
  place: LinkPlace,
): ThreadEvent {
  const { since, over, reason } = incident;
  const what = described(incident.description, alarm);
  const isEnd = kind === "end" && over !== undefined;
  const at = isEnd ? over.at : since;
  const sequence = isEnd ? 2 : 1;
  const thread = `alarm/${keyOfAlarm({ alarm, resource })}/${since.toString(36)}`;
  const name = resource === undefined ? "" : `, ${resource}`;
  const lasted = isEnd ? `over after ${durationText(at - since)}: ` : "";
  const notification: SingleNotification = {
    id: `${thread}/${sequence}`,
    at: iso(at),
    automation: REFLEX,
    resource: resource ?? `alarm/${alarm}`,
    severity: what.severity,
    state: kind,
    incident: {
      ...{ id: thread, sequence, code: codeOf(alarm), since: iso(since) },
      ...(isEnd && { until: iso(over.at) }),
    },
    headline: `Reflex${name}: ${lasted}${what.summary}`,
    work: isEnd ? [] : [whoIsHurt(what.severity, resource)],
    resourceMetrics: readFrom(isEnd ? over.reason : reason),
    events: [],
    done: { what: isEnd ? "nothing" : "nothing: this needs a person" },
    reasons: isEnd ? [endings[over.state]] : what.details,
    ...(what.runbook !== undefined && { runbook: what.runbook }),
    links: [consoleLink("Alarm", `alarmsV2:alarm/${encodeURIComponent(alarm.toWellFormed())}`, place)],
  };
  return { thread, sequence, at, notification };
}

/** Under what the alarm's history is kept: an alarm that fires for each resource by itself has one for each. */
export const keyOfAlarm = ({ alarm, resource }: Pick<AlarmChange, "alarm" | "resource">): string =>
  resource === undefined ? alarm : `${alarm}/${resource}`;

function whoIsHurt(severity: SingleNotification["severity"], resource: string | undefined) {
  if (resource !== undefined) return { name: resource, value: "stays as it is, whatever it needs" };
  return severity === "warning"
    ? { name: "Nobody yet", value: "it can wait for the morning" }
    : { name: "What Reflex manages", value: "may go without what it needs until this is over" };
}

const endings = {
  ok: "the alarm is OK",
  deleted: "the alarm was deleted with what it watched",
} as const;

/** `not-served`, of `reflex-prod-watch-not-served`. */
const codeOf = (alarm: string): string => /^reflex-.*?-watch-(.+)$/.exec(alarm)?.[1] ?? alarm;

/** An alarm's description, taken apart as shared/monitoring/alarm.ts writes it. */
function described(description: string, alarm: string) {
  const [, tag = "", text = ""] = /^(?:\[(\w+)\] )?(.*)$/s.exec(description) ?? [];
  const [what = "", where = ""] = text.split(" What to do: ");
  // The headline ends with the first thought: a phone shows no more.
  const [, summary = "", rest = ""] = /^(.*?)(?:[.:;] (.*))?$/s.exec(what.replace(/\.$/, "")) ?? [];
  const details = rest === "" ? [] : [`${rest.slice(0, 1).toUpperCase()}${rest.slice(1)}.`];
  return {
    severity: SEVERITIES[tag] ?? UNTAGGED,
    summary: summary === "" ? alarm : summary.replace(/^Reflex is /, ""),
    details,
    /** Below docs/, wherever that is read. */
    runbook: /(runbook(?:\/[\w-]+)?\.md#\S+)$/.exec(where)?.[1],
  };
}

const readFrom = (reason: string): SingleNotification["resourceMetrics"] =>
  reason === "" ? [] : [{ name: "CloudWatch", value: cut(reason, LONGEST_REASON) }];

const iso = (at: number): string => new Date(at).toISOString();
