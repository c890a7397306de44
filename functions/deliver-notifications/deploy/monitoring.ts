import { functionErrorsAlarm } from "../../../shared/monitoring/function-alarms.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { queueNotEmptyAlarm } from "../../../shared/monitoring/queue-alarm.ts";

const NAME = "deliver-notifications";

/** What fails for minutes counts as `NotificationFailures`, which has an alarm for the whole service. */
export const monitoring = (info: StageInfo): Monitoring => ({
  alarms: [
    functionErrorsAlarm(NAME, info),
    queueNotEmptyAlarm("undelivered", info.stage, {
      title: "Notifications undelivered",
      description:
        "Notifications could not be delivered for a day. Their queue keeps them for 14 days; nobody gets them until they are redriven.",
    }),
  ],
  queues: ["deliveries", "undelivered"],
});
