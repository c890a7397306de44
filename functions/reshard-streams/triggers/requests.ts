import { Misconfigured, type ReflexError } from "../../../shared/lambda/errors.ts";
import type { AlarmTrigger, Trigger } from "../../../shared/triggers/trigger.ts";

/** What asked for a look at a stream. */
export interface Cause {
  readonly kind: "alarm" | "schedule" | "manual";
  /** For people: `alarm reflex-dev-stream-orders (ALARM)`. */
  readonly text: string;
  /** The alarm's name, where one asked. */
  readonly alarm?: string;
  /** When it asked, ms since the epoch. */
  readonly at: number;
  /** A person asks only what would be done. */
  readonly mode?: "observe";
}

/** Where the triggers of one event say to look. */
export interface Requests {
  /** What asked for each stream. */
  readonly streams: ReadonlyMap<string, Cause>;
  /** A schedule's tick: everything that is due, as well. */
  readonly sweep: boolean;
  /** What was understood and asks for nothing. */
  readonly ignored: readonly string[];
  /** What cannot be handled; the rest is, all the same. */
  readonly failures: readonly ReflexError[];
}

/**
 * @param isManaged whether the config has an entry for a stream
 * @param now ms since the epoch
 */
export function requestsFrom(
  triggers: readonly Trigger[],
  isManaged: (stream: string) => boolean,
  now: number,
): Requests {
  const streams = new Map<string, Cause>();
  const ignored: string[] = [];
  const failures: ReflexError[] = [];
  let sweep = false;
  const request = (stream: string, cause: Cause) => {
    if (isManaged(stream)) streams.set(stream, cause);
    else failures.push(notManaged(stream, cause));
  };
  for (const trigger of triggers) {
    switch (trigger.kind) {
      case "schedule":
        sweep = true;
        break;
      case "manual":
        if (trigger.of === "stream") {
          const { mode } = trigger;
          request(trigger.name, { kind: "manual", text: "by hand", at: now, ...(mode && { mode }) });
        } else
          failures.push(
            new Misconfigured(
              `reshard-streams looks after streams, not a ${trigger.of}: nothing was looked at`,
            ),
          );
        break;
      case "alarm": {
        const named = streamsOf(trigger);
        if (named.length === 0) failures.push(namesNoStream(trigger));
        for (const stream of named) {
          request(stream, {
            kind: "alarm",
            text: `alarm ${trigger.alarmName} (${trigger.state})`,
            alarm: trigger.alarmName,
            at: trigger.at,
          });
        }
        break;
      }
      case "nothing":
        ignored.push(trigger.why);
        break;
      case "unreadable":
        failures.push(trigger.failure);
    }
  }
  return { streams, sweep, ignored: ignored, failures };
}

function streamsOf({ metrics }: AlarmTrigger): string[] {
  return [...new Set(metrics.flatMap(({ dimensions }) => dimensions.StreamName ?? []))];
}

function notManaged(stream: string, { text }: Cause): Misconfigured {
  return new Misconfigured(
    `${text} names stream ${stream}, which no entry under \`streams\` in the config matches: it was not looked at`,
    { resource: `stream/${stream}` },
  );
}

function namesNoStream({ alarmName }: AlarmTrigger): Misconfigured {
  return new Misconfigured(
    `alarm ${alarmName} watches no metric with the dimension StreamName, so it names no stream: nothing was looked at`,
  );
}
