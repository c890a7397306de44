import { functionErrorsAlarm } from "../../../shared/monitoring/function-alarms.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";

/** A forged or late link is no error of the function. */
export const monitoring = (info: StageInfo): Monitoring => ({
  alarms: [functionErrorsAlarm("approve-changes", info)],
});
