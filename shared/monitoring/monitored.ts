import type { AlarmSpec } from "./alarm.ts";
import type { DashboardSection } from "./section.ts";

/** What one automation has to be watched for. */
export interface Monitoring {
  /** Its functions, without `reflex-<stage>-`. */
  readonly functions: readonly string[];
  readonly alarms: readonly AlarmSpec[];
  /** Its part of the dashboard. */
  readonly section?: DashboardSection;
}

/** Where it runs. */
export interface StageInfo {
  readonly stage: string;
  /** A function's time-out in milliseconds, as its function.yml says. */
  timeoutMs(functionName: string): number;
}
