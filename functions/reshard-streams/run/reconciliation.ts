import type { CallRates } from "../../../shared/aws/call-rates.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { RunNotifications } from "../../../shared/notify/run-notifications.ts";
import type { Cause } from "../triggers/requests.ts";
import type { Dependencies } from "./dependencies.ts";

/** What all streams of one run share. */
export interface RunContext {
  readonly run: Run;
  readonly deps: Dependencies;
  readonly rates: CallRates;
  readonly notifications: RunNotifications;
}

/** What the parts of one reconciliation share. */
export interface Reconciliation extends RunContext {
  readonly stream: string;
  readonly arn?: string | undefined;
  readonly cause: Cause;
  /** When the stream was observed, ms since the epoch: the decision is for that moment. */
  readonly observedAt: number;
}
