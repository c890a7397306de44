import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EKSClient } from "@aws-sdk/client-eks";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import { loadConfig } from "../../../shared/config/load.ts";
import { clusterAccess } from "../../../shared/kubernetes/api/connect.ts";
import { reflex } from "../../../shared/lambda/stack.ts";
import { nodePools } from "../../../shared/node-pools/policy.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { traced } from "../../../shared/tracing/aws-calls.ts";
import { drainedInstances } from "./drained-instances.ts";

const clients = {
  autoScaling: traced(new AutoScalingClient(clientOptions())),
  clusters: clusterAccess(traced(new EKSClient(clientOptions())), systemClock),
};
const config = loadConfig("nodePools", nodePools);

/** A custom termination policy for Auto Scaling groups: README.md, "AZ rebalancing". */
export const handler = reflex("termination-policy", async (event, run) =>
  drainedInstances(event, run, { ...clients, pools: (await config).policies }),
);
