import * as z from "zod/mini";
import { parseAs, parseTime } from "../../../shared/triggers/event-shape.ts";
import type { EventForm } from "./trigger.ts";

const WHAT = "the rebalance recommendation";
const recommendation = z.lazy(() =>
  z.looseObject({
    time: z.string(),
    detail: z.looseObject({ "instance-id": z.string() }),
  }),
);

/**
 * EventBridge, `aws.ec2`, `EC2 Instance Rebalance Recommendation`.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
export const rebalanceRecommendation: EventForm = (event) => {
  if (event["detail-type"] !== "EC2 Instance Rebalance Recommendation") return undefined;
  const { time, detail } = parseAs(recommendation, event, WHAT);
  return [{ kind: "rebalance-recommendation", instanceId: detail["instance-id"], at: parseTime(time, WHAT) }];
};
