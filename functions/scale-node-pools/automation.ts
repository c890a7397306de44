import { asksAtAll } from "../../shared/approvals/mode.ts";
import { defineAutomation } from "../../shared/automation/automation.ts";
import {
  FAILED_EVENTS,
  HEARTBEAT,
  keepLedgerPermissions,
  logAndTracePermissions,
  NOTIFY,
} from "../../shared/automation/permission.ts";
import { smokeEvent } from "../../shared/automation/smoke-event.ts";
import { heartbeatPlaceholders, heartbeatSecrets } from "../../shared/heartbeat/config.ts";
import {
  CLUSTER,
  GROUP,
  NODE_POOLS_SAMPLE,
  nodePoolPlaceholders,
  SPOT_FLEET,
} from "../../shared/node-pools/permissions.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { docsOf } from "../../shared/notify/what-to-do.ts";
import { configKeys } from "./deploy/config-keys.ts";
import { nodePoolsCost } from "./deploy/cost.ts";
import { monitoring } from "./deploy/monitoring.ts";
import { resourcesFor } from "./deploy/resources.ts";
import { roleFor } from "./deploy/role.ts";
import { resourceOf } from "./run/dependencies.ts";

const NAME = "scale-node-pools";

export const automation = defineAutomation({
  name: NAME,
  summary: "keeps Kubernetes node pools at the size their pods need",
  triggeredBy: "CloudWatch alarms; every minute; time windows",
  whenPaused:
    "no group is resized, no instance terminated, no drain requested; pods without a node go on waiting",
  functions: [NAME],
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
      actions: ["eks:DescribeNodegroup", "eks:UpdateNodegroupConfig"],
      on: "arn:aws:eks:<region>:<account>:nodegroup/<managed node group>/*",
      why: "reads and sets the size of a managed node group",
    },
    {
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeInstanceRefreshes",
      ],
      on: "*",
      why: "reads groups, what they failed to launch, and who else changes them",
    },
    {
      actions: [
        "ec2:DescribeInstances",
        "ec2:DescribeSpotFleetInstances",
        "ec2:DescribeSpotFleetRequestHistory",
        "ec2:DescribeSpotFleetRequests",
      ],
      on: "*",
      why: "reads Spot Fleets and what they failed to launch",
    },
    {
      actions: ["ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions"],
      on: "*",
      why: "reads what a node of an empty pool or of several instance types will offer",
    },
    {
      actions: ["ec2:DescribeSpotPriceHistory"],
      on: "*",
      why: "reads Spot prices once an hour, to choose the cheaper of two pools for a pod",
    },
    { actions: ["cloudwatch:GetMetricData"], on: "*", why: "reads Container Insights" },
    { actions: ["autoscaling:SetDesiredCapacity"], on: GROUP, why: "launches nodes" },
    {
      actions: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
      on: GROUP,
      why: "terminates instances that never became nodes",
    },
    { actions: ["ec2:ModifySpotFleetRequest"], on: SPOT_FLEET, why: "launches nodes" },
    {
      actions: ["lambda:InvokeFunction"],
      on: "arn:aws:lambda:<region>:<account>:function:reflex-<stage>-drain-nodes",
      why: "has drain-nodes drain the nodes that are to be removed",
    },
    ...keepLedgerPermissions(", the status of a pool"),
    NOTIFY,
    FAILED_EVENTS,
    ...HEARTBEAT,
    ...logAndTracePermissions(NAME),
  ],
  runbook: "docs/runbook/node-pools.md",
  diagram: {
    triggers: [
      { from: "EventBridge rule, every minute", to: NAME },
      { from: "alarm of a node pool", to: NAME, how: "invokes it directly" },
    ],
    data: [
      { store: "Kubernetes API", direction: "reads", what: "nodes, pods" },
      { store: "Auto Scaling, EKS, Spot Fleets", direction: "reads", what: "groups, activities" },
      { store: "Auto Scaling, EKS, Spot Fleets", direction: "writes", what: "launches nodes" },
      { store: "Kubernetes API", direction: "writes", what: "uncordons" },
      { store: "ledger", kind: "table", direction: "both", what: "lease, intent, outcome, pool status" },
      { store: "drain-nodes", direction: "writes", what: "drain requests" },
      { store: "topic notify", kind: "topic", direction: "writes" },
    ],
  },
  undo: async (request) => (await import("./act/undo.ts")).planUndo(request),
  inUse: (pools) => Object.keys(pools).length > 0,
  resources: (pools, stage, file) => ({
    Resources: {
      ...roleFor(pools, stage, heartbeatSecrets(file, NAME)),
      ...resourcesFor(pools, stage, docsOf(file)),
    },
  }),
  asks: (pools, mode) =>
    Object.entries(pools)
      .filter(([, { mode: own }]) => asksAtAll(own, mode))
      .map(([name]) => ({ resource: resourceOf(name), path: [name] })),
  placeholders: (pools, _stage, file) => ({
    ...nodePoolPlaceholders(pools),
    ...heartbeatPlaceholders(file, NAME),
  }),
  monitoring,
  smokeEvents: (pools) => ({ [NAME]: smokeEvent("nodePool", Object.keys(pools)[0]) }),
  cost: (pools, info) => [{ name: NAME, lines: nodePoolsCost(pools, info) }],
});
