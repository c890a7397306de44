import { Misconfigured, type ReflexError } from "../../shared/lambda/errors.ts";
import type { AlarmTrigger, Trigger } from "../../shared/triggers/trigger.ts";

/** Where the triggers of one event say to look. */
export interface Wanted {
  /** By stream: what asked for it, for people: `alarm reflex-dev-orders (ALARM)`. */
  readonly streams: ReadonlyMap<string, string>;
  /** A schedule's tick: everything that is due, as well. */
  readonly sweep: boolean;
  /** What was understood and asks for nothing. */
  readonly nothing: readonly string[];
  /** What cannot be handled; the rest is, all the same. */
  readonly failures: readonly ReflexError[];
}

/** @param lookedAfter whether the config has an entry for a stream */
export function wantedBy(triggers: readonly Trigger[], lookedAfter: (stream: string) => boolean): Wanted {
  const streams = new Map<string, string>();
  const nothing: string[] = [];
  const failures: ReflexError[] = [];
  let sweep = false;
  const want = (stream: string, by: string) => {
    if (lookedAfter(stream)) streams.set(stream, by);
    else failures.push(notLookedAfter(stream, by));
  };
  for (const trigger of triggers) {
    switch (trigger.kind) {
      case "schedule":
        sweep = true;
        break;
      case "manual":
        if (trigger.of === "stream") want(trigger.name, "by hand");
        else
          failures.push(
            new Misconfigured(
              `reshard-streams looks after streams, not a ${trigger.of}: nothing was looked at`,
            ),
          );
        break;
      case "alarm": {
        const named = streamsOf(trigger);
        if (named.length === 0) failures.push(namesNoStream(trigger));
        for (const stream of named) want(stream, `alarm ${trigger.alarmName} (${trigger.state})`);
        break;
      }
      case "nothing":
        nothing.push(trigger.why);
        break;
      case "unreadable":
        failures.push(trigger.failure);
    }
  }
  return { streams, sweep, nothing, failures };
}

function streamsOf({ metrics }: AlarmTrigger): string[] {
  return [...new Set(metrics.flatMap(({ dimensions }) => dimensions.StreamName ?? []))];
}

function notLookedAfter(stream: string, by: string): Misconfigured {
  return new Misconfigured(
    `${by} names stream ${stream}, which no entry under \`streams\` in the config matches: it was not looked at`,
    { resource: `stream/${stream}` },
  );
}

function namesNoStream({ alarmName }: AlarmTrigger): Misconfigured {
  return new Misconfigured(
    `alarm ${alarmName} watches no metric with the dimension StreamName, so it names no stream: nothing was looked at`,
  );
}
