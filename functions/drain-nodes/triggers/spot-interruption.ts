import * as z from "zod/mini";
import { parseAs, parseTime } from "../../../shared/triggers/event-shape.ts";
import type { EventForm } from "./trigger.ts";

const WHAT = "the Spot interruption warning";
const warning = z.lazy(() =>
  z.looseObject({
    time: z.string(),
    detail: z.looseObject({ "instance-id": z.string(), "instance-action": z.string() }),
  }),
);

/**
 * EventBridge, `aws.ec2`, `EC2 Spot Instance Interruption Warning`. Whether the instance is then terminated,
 * stopped or hibernated is one to its pods.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
export const spotInterruption: EventForm = (event) => {
  if (event["detail-type"] !== "EC2 Spot Instance Interruption Warning") return undefined;
  const { time, detail } = parseAs(warning, event, WHAT);
  return [{ kind: "spot-interruption", instanceId: detail["instance-id"], at: parseTime(time, WHAT) }];
};
