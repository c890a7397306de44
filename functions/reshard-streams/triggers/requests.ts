import { Misconfigured, type ReflexError } from "../../../shared/lambda/errors.ts";
import type { AlarmTrigger, Trigger } from "../../../shared/triggers/trigger.ts";

/** What requested that a stream is observed. */
export interface Cause {
  readonly kind: "alarm" | "schedule" | "manual";
  /** For people: `alarm reflex-dev-stream-orders (ALARM)`. */
  readonly text: string;
  /** The name of the alarm, if one requested it. */
  readonly alarm?: string;
  /** When it was requested, ms since the epoch. */
  readonly at: number;
  /** Set when a person only asks what would be done. */
  readonly mode?: "observe";
}

/** The streams that the triggers of one event request. */
export interface Requests {
  /** What requested each stream. */
  readonly streams: ReadonlyMap<string, Cause>;
  /** A scheduled run: every stream that is due, as well. */
  readonly sweep: boolean;
  /** Why each trigger that requests nothing was ignored. */
  readonly ignored: readonly string[];
  /** Triggers that cannot be handled. The others are handled all the same. */
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
  const understood = triggers.map((trigger) => requestOf(trigger, now));
  const requested = understood.flatMap(({ streams = [] }) => streams);
  const [managed, others] = [
    requested.filter(([stream]) => isManaged(stream)),
    requested.filter(([stream]) => !isManaged(stream)),
  ];
  return {
    streams: new Map(managed),
    sweep: understood.some(({ sweep }) => sweep === true),
    ignored: understood.flatMap(({ ignored = [] }) => ignored),
    failures: [
      ...understood.flatMap(({ failures = [] }) => failures),
      ...others.map(([stream, cause]) => notManaged(stream, cause)),
    ],
  };
}

/** What one trigger requests; what is left out is none. */
interface Request {
  readonly streams?: readonly (readonly [stream: string, cause: Cause])[];
  readonly sweep?: true;
  readonly ignored?: readonly string[];
  readonly failures?: readonly ReflexError[];
}

function requestOf(trigger: Trigger, now: number): Request {
  switch (trigger.kind) {
    case "schedule":
      return { sweep: true };
    case "manual": {
      const { of, name, mode } = trigger;
      return of === "stream"
        ? { streams: [[name, { kind: "manual", text: "by hand", at: now, ...(mode && { mode }) }]] }
        : { failures: [managesStreamsOnly(of)] };
    }
    case "alarm": {
      const { alarmName, state, at } = trigger;
      const cause: Cause = { kind: "alarm", text: `alarm ${alarmName} (${state})`, alarm: alarmName, at };
      const streams = streamsOf(trigger);
      return streams.length > 0
        ? { streams: streams.map((stream) => [stream, cause] as const) }
        : { failures: [namesNoStream(trigger)] };
    }
    case "nothing":
      return { ignored: [trigger.why] };
    case "unreadable":
      return { failures: [trigger.failure] };
  }
}

function managesStreamsOnly(of: string): Misconfigured {
  return new Misconfigured(`reshard-streams manages streams, not a ${of}: no stream was observed`);
}

function streamsOf({ metrics }: AlarmTrigger): string[] {
  return [...new Set(metrics.flatMap(({ dimensions }) => dimensions.StreamName ?? []))];
}

function notManaged(stream: string, { text }: Cause): Misconfigured {
  return new Misconfigured(
    `${text} names stream ${stream}, which no entry under \`streams\` in the config matches: it was not observed`,
    { resource: `stream/${stream}` },
  );
}

function namesNoStream({ alarmName }: AlarmTrigger): Misconfigured {
  return new Misconfigured(
    `alarm ${alarmName} watches no metric with the dimension StreamName, so it names no stream: no stream was observed`,
  );
}
