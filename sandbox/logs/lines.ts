import type { Clock } from "../../shared/time/clock.ts";
import type { Invocation } from "../lambda/function.ts";
import { AwsError } from "../wire/error.ts";
import { jsonOf, type LogEvent } from "./event.ts";

export interface LinesOptions {
  readonly clock: Clock;
  /** The names of the functions there are; each has a log group. */
  readonly functions: () => readonly string[];
  /** The runs that are kept, the oldest first. */
  readonly invocations: () => readonly Invocation[];
}

/** What the functions wrote, by their log groups. */
export interface Lines {
  /** The names of the groups. */
  groups(): readonly string[];
  /** The lines of a group within these times (ms since the epoch), oldest first. @throws {AwsError} ResourceNotFoundException */
  events(group: string, from: number, to: number): readonly LogEvent[];
}

const groupOf = (functionName: string): string => `/aws/lambda/${functionName}`;

export function createLines({ clock, functions, invocations }: LinesOptions): Lines {
  const groups = () => functions().map(groupOf).toSorted();
  return {
    groups,
    events(group, from, to) {
      if (!groups().includes(group)) {
        throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
      }
      return invocations()
        .filter(({ functionName }) => groupOf(functionName) === group)
        .flatMap((run) => eventsOf(run, clock.now()))
        .filter(({ timestamp }) => timestamp >= from && timestamp <= to);
    },
  };
}

function eventsOf(
  { functionName, requestId, attempt, at, log }: Invocation,
  now: number,
): readonly LogEvent[] {
  const stream = `${new Date(at).toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${functionName}`;
  return log.map((message, line) => ({
    group: groupOf(functionName),
    stream,
    id: `${requestId}/${attempt}/${line}`,
    timestamp: Math.min(timeOf(message) ?? at, now),
    message,
  }));
}

/** When a JSON line says it was written. */
function timeOf(message: string): number | undefined {
  const line = jsonOf(message);
  if (typeof line !== "object" || line === null || !("timestamp" in line)) return undefined;
  const at = Date.parse(String(line.timestamp));
  return Number.isNaN(at) ? undefined : at;
}
