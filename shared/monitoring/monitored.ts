import type { WatchAlarm } from "./alarm.ts";
import type { Section } from "./section.ts";

/** What one automation has to be watched for. */
export interface Watched {
  /** Its functions, without `reflex-<stage>-`. */
  readonly functions: readonly string[];
  readonly alarms: readonly WatchAlarm[];
  /** Its part of the dashboard. */
  readonly section?: Section;
}

/** Where it runs. */
export interface Place {
  readonly stage: string;
  /** A function's time-out in milliseconds, as its function.yml says. */
  timeoutMs(functionName: string): number;
}
