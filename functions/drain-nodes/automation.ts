import { defineAutomation } from "../../shared/automation/automation.ts";
import {
  FAILED_EVENTS,
  keepLedgerPermissions,
  logAndTracePermissions,
  NOTIFY,
} from "../../shared/automation/permission.ts";
import { smokeEvent } from "../../shared/automation/smoke-event.ts";
import {
  CLUSTER,
  GROUP,
  NODE_POOLS_SAMPLE,
  nodePoolPlaceholders,
  SPOT_FLEET,
} from "../../shared/node-pools/permissions.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { configKeys } from "./deploy/config-keys.ts";
import { drainsCost } from "./deploy/cost.ts";
import { monitoring } from "./deploy/monitoring.ts";
import { roleFor } from "./deploy/role.ts";

const NAME = "drain-nodes";

export const automation = defineAutomation({
  name: NAME,
  summary: "drains a node before it is removed",
  triggeredBy: "lifecycle hooks; Spot warnings; the scaler's plan; every minute",
  whenPaused:
    "no pod is evicted and no node cordoned; nodes that are being drained stay cordoned. AWS takes Spot instances and terminates instances all the same, with the pods on them",
  functions: [NAME, "termination-policy"],
  config: {
    section: "nodePools",
    schema: nodePools,
    describes: "managed node groups, Auto Scaling groups, Spot Fleets",
    keys: configKeys,
    sample: NODE_POOLS_SAMPLE,
  },
  permissions: [
    { actions: ["eks:DescribeCluster"], on: CLUSTER, why: "finds the Kubernetes API" },
    {
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeLifecycleHooks",
      ],
      on: "*",
      why: "reads an instance's group, state and lifecycle hook",
    },
    {
      actions: ["ec2:DescribeInstances", "ec2:DescribeSpotFleetInstances", "ec2:DescribeSpotFleetRequests"],
      on: "*",
      why: "reads a Spot Fleet and its instances",
    },
    {
      actions: [
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:RecordLifecycleActionHeartbeat",
        "autoscaling:CompleteLifecycleAction",
      ],
      on: GROUP,
      why: "terminates a drained instance or completes its lifecycle hook",
    },
    {
      actions: ["ec2:ModifySpotFleetRequest"],
      on: SPOT_FLEET,
      why: "lowers a fleet's target capacity by a drained instance",
    },
    {
      actions: ["ec2:TerminateInstances"],
      on: "arn:aws:ec2:<region>:<account>:instance/*",
      only: { StringEquals: { "aws:ResourceTag/aws:ec2spot:fleet-request-id": "<fleet>" } },
      why: "terminates a drained instance of a fleet. Instances of a group are terminated through their group",
    },
    ...keepLedgerPermissions(),
    NOTIFY,
    FAILED_EVENTS,
    ...logAndTracePermissions(NAME, "termination-policy"),
  ],
  runbook: "docs/runbook/drain-nodes.md",
  diagram: {
    triggers: [
      { from: "EventBridge rule, every minute", to: NAME },
      { from: "scale-node-pools", to: NAME, how: "invokes it asynchronously" },
      { from: "Auto Scaling: lifecycle hook", to: NAME, how: "EventBridge" },
      { from: "EC2: Spot interruption warning, rebalance recommendation", to: NAME, how: "EventBridge" },
      {
        from: "Auto Scaling group, choosing what to terminate",
        to: "termination-policy",
        how: "asks and waits",
      },
    ],
    data: [
      { store: "Kubernetes API", direction: "reads", what: "nodes, pods, budgets" },
      { store: "Kubernetes API", direction: "writes", what: "marks, evictions" },
      {
        store: "Auto Scaling, EKS, Spot Fleets",
        direction: "writes",
        what: "terminates instances, completes hooks",
      },
      { store: "ledger", kind: "table", direction: "both", what: "lease, intent, outcome" },
      { store: "topic notify", kind: "topic", direction: "writes" },
    ],
  },
  inUse: (pools) => Object.keys(pools).length > 0,
  resources: (pools, stage) => ({ Resources: roleFor(pools, stage) }),
  placeholders: nodePoolPlaceholders,
  monitoring,
  smokeEvents: (pools) => ({ [NAME]: smokeEvent("nodePool", Object.keys(pools)[0]) }),
  cost: (_pools, info) => [{ name: NAME, lines: drainsCost(info) }],
});
