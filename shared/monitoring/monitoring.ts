import type { AlarmSpec } from "./alarm.ts";
import type { DashboardSection } from "./section.ts";

/** What one automation has to be watched for. */
export interface Monitoring {
  readonly alarms: readonly AlarmSpec[];
  /** Its part of the dashboard. */
  readonly section?: DashboardSection;
  /** What it keeps that the dashboard shows beside that of the others: names, with `reflex-<stage>-` where they have it. */
  readonly tables?: readonly string[];
  readonly queues?: readonly string[];
}

/** The stage it is deployed to, and what its functions are given there. */
export interface StageInfo {
  readonly stage: string;
  /** A function's time-out, as its function.yml says. */
  timeoutMs(functionName: string): number;
  /** A function's memory, as its function.yml says. */
  memoryMb(functionName: string): number;
}
