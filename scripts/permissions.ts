import { secretRefs } from "../functions/check-sites/secrets/resolve-secrets.ts";
import type { Sections } from "./checked-config.ts";

/**
 * What each role may do, written down a second time: test/e2e/template.test.ts compares it with the roles of the
 * packaged template, and docs/permissions.md is made from it (`npm run permissions`).
 */

/** Calls of one function on one sort of resource. */
export interface Permission {
  readonly actions: readonly string[];
  /** An ARN, or what of the config stands in it: `<stream>`. `*` where AWS has no resource level. */
  readonly on: string;
  readonly why: string;
  /** Only under this condition of IAM's. */
  readonly only?: { readonly [operator: string]: { readonly [key: string]: string } };
}

const LEDGER = "arn:aws:dynamodb:<region>:<account>:table/reflex-<stage>-ledger";
const GROUP = "arn:aws:autoscaling:<region>:<account>:autoScalingGroup:*:autoScalingGroupName/<group>";
const FLEET = "arn:aws:ec2:<region>:<account>:spot-fleet-request/<fleet>";
const CLUSTER = "arn:aws:eks:<region>:<account>:cluster/<cluster>";

const logs = (...functions: readonly string[]): readonly Permission[] =>
  functions.map((name) => ({
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    on: `arn:aws:logs:<region>:<account>:log-group:/aws/lambda/reflex-<stage>-${name}:*`,
    why: "its log",
  }));

const TRACES: Permission = {
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  on: "*",
  why: "its traces",
};
const NEWS: Permission = {
  actions: ["sns:Publish"],
  on: "arn:aws:sns:<region>:<account>:reflex-<stage>-notify",
  why: "tells what it did and why",
};
const FAILED_EVENTS: Permission = {
  actions: ["sqs:SendMessage"],
  on: "arn:aws:sqs:<region>:<account>:reflex-<stage>-failed-events",
  why: "Lambda keeps the events of runs that failed there, by the function's role",
};

/** By role, under the name of the automation it belongs to. */
export const PERMISSIONS: Readonly<Record<string, readonly Permission[]>> = {
  "reshard-streams": [
    {
      actions: ["kinesis:DescribeStreamSummary", "kinesis:ListShards"],
      on: "arn:aws:kinesis:<region>:<account>:stream/<stream>",
      why: "sees how many shards there are and which keys they have",
    },
    {
      actions: ["kinesis:UpdateShardCount", "kinesis:SplitShard", "kinesis:MergeShards"],
      on: "arn:aws:kinesis:<region>:<account>:stream/<stream>",
      why: "reshards",
    },
    { actions: ["kinesis:ListStreams"], on: "*", why: "finds the streams a pattern matches" },
    { actions: ["cloudwatch:GetMetricData"], on: "*", why: "reads the traffic" },
    {
      actions: ["cloudwatch:DescribeAlarms"],
      on: "arn:aws:cloudwatch:<region>:<account>:alarm:*",
      why: "sees which of its alarms still stand; AWS takes the beginning of a name on all alarms only",
    },
    {
      actions: ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      on: LEDGER,
      why: "lease, intent, outcome, what was told",
    },
    NEWS,
    FAILED_EVENTS,
    ...logs("reshard-streams"),
    TRACES,
  ],
  "check-sites": [
    {
      actions: ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
      on: "arn:aws:dynamodb:<region>:<account>:table/reflex-<stage>-sites",
      why: "the state and history of each site",
    },
    { actions: ["dynamodb:Query"], on: LEDGER, why: "names what was done lately to what a site depends on" },
    {
      actions: ["ssm:GetParameters"],
      on: "arn:aws:ssm:<region>:<account>:parameter/<parameter of a site>",
      why: "the credentials of sites that name them",
    },
    {
      actions: ["secretsmanager:GetSecretValue"],
      on: "arn:aws:secretsmanager:<region>:<account>:secret:<secret of a site>-??????",
      why: "the credentials of sites that name them; AWS ends each secret's name with six characters of its own",
    },
    {
      actions: ["s3:PutObject"],
      on: "arn:aws:s3:::<bucket of the status page>/*",
      why: "the status page, where the config has one",
    },
    NEWS,
    FAILED_EVENTS,
    ...logs("check-sites"),
    TRACES,
  ],
  "ingest-events": [
    {
      actions: [
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
      ],
      on: "arn:aws:kinesis:<region>:<account>:stream/<landed stream>",
      why: "Lambda's event-source mapping reads the stream, by the function's role",
    },
    {
      actions: ["dynamodb:BatchWriteItem"],
      on: "arn:aws:dynamodb:<region>:<account>:table/<table in mode append>",
      why: "writes items",
    },
    {
      actions: ["dynamodb:PutItem", "dynamodb:GetItem"],
      on: "arn:aws:dynamodb:<region>:<account>:table/<table in mode append-once or latest>",
      why: "writes an item if it is new or later, and reads what was there where the refusal does not bring it",
    },
    {
      actions: ["sqs:SendMessage"],
      on: "arn:aws:sqs:<region>:<account>:reflex-<stage>-quarantine",
      why: "quarantines records that can never succeed",
    },
    {
      actions: ["sqs:SendMessage"],
      on: "arn:aws:sqs:<region>:<account>:reflex-<stage>-failed-batches",
      why: "Lambda keeps the place of batches it gave up there, by the function's role",
    },
    {
      actions: ["s3:PutObject"],
      on: "arn:aws:s3:::reflex-<stage>-quarantine-<account>-<region>/*",
      why: "quarantined records that are too large for a message",
    },
    ...logs("ingest-events"),
    TRACES,
  ],
  "scale-node-pools": [
    { actions: ["eks:DescribeCluster"], on: CLUSTER, why: "finds the Kubernetes API" },
    {
      actions: ["eks:DescribeNodegroup", "eks:UpdateNodegroupConfig"],
      on: "arn:aws:eks:<region>:<account>:nodegroup/<managed node group>/*",
      why: "sees and sets the size of a managed node group",
    },
    {
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeInstanceRefreshes",
      ],
      on: "*",
      why: "sees groups, what they failed to launch and who else changes them",
    },
    {
      actions: [
        "ec2:DescribeInstances",
        "ec2:DescribeSpotFleetInstances",
        "ec2:DescribeSpotFleetRequestHistory",
        "ec2:DescribeSpotFleetRequests",
      ],
      on: "*",
      why: "sees Spot Fleets and what they failed to launch",
    },
    { actions: ["cloudwatch:GetMetricData"], on: "*", why: "reads Container Insights" },
    { actions: ["autoscaling:SetDesiredCapacity"], on: GROUP, why: "orders nodes" },
    { actions: ["ec2:ModifySpotFleetRequest"], on: FLEET, why: "orders nodes" },
    {
      actions: ["lambda:InvokeFunction"],
      on: "arn:aws:lambda:<region>:<account>:function:reflex-<stage>-drain-nodes",
      why: "hands over the nodes that are to go",
    },
    {
      actions: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      on: LEDGER,
      why: "lease, intent, outcome, what was told, what it keeps in mind of a pool",
    },
    NEWS,
    FAILED_EVENTS,
    ...logs("scale-node-pools"),
    TRACES,
  ],
  "drain-nodes": [
    { actions: ["eks:DescribeCluster"], on: CLUSTER, why: "finds the Kubernetes API" },
    {
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeLifecycleHooks",
      ],
      on: "*",
      why: "sees an instance's group, its state and its hook",
    },
    {
      actions: ["ec2:DescribeInstances", "ec2:DescribeSpotFleetRequests"],
      on: "*",
      why: "sees an instance's fleet",
    },
    {
      actions: [
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:RecordLifecycleActionHeartbeat",
        "autoscaling:CompleteLifecycleAction",
      ],
      on: GROUP,
      why: "ends an emptied instance, or lets its hook go on",
    },
    { actions: ["ec2:ModifySpotFleetRequest"], on: FLEET, why: "takes an emptied instance out of its fleet" },
    {
      actions: ["ec2:TerminateInstances"],
      on: "arn:aws:ec2:<region>:<account>:instance/*",
      only: { StringEquals: { "aws:ResourceTag/aws:ec2spot:fleet-request-id": "<fleet>" } },
      why: "ends an emptied instance of a fleet; those of a group are ended through their group",
    },
    {
      actions: ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      on: LEDGER,
      why: "lease, intent, outcome, what was told",
    },
    NEWS,
    FAILED_EVENTS,
    ...logs("drain-nodes", "termination-policy"),
    TRACES,
  ],
};

/**
 * Actions for which AWS has no resource level, so that they are allowed on all or none.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const WITHOUT_RESOURCE_LEVEL: ReadonlySet<string> = new Set([
  "autoscaling:DescribeAutoScalingGroups",
  "autoscaling:DescribeAutoScalingInstances",
  "autoscaling:DescribeInstanceRefreshes",
  "autoscaling:DescribeLifecycleHooks",
  "autoscaling:DescribeScalingActivities",
  "cloudwatch:GetMetricData",
  "ec2:DescribeInstances",
  "ec2:DescribeSpotFleetInstances",
  "ec2:DescribeSpotFleetRequestHistory",
  "ec2:DescribeSpotFleetRequests",
  "kinesis:ListStreams",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
]);

/** Where a role's resources are. */
export interface Place {
  readonly stage: string;
  readonly region: string;
  readonly account: string;
}

/** What stands for each placeholder; with nothing for it, the permission is in no role. */
export function valuesOf(
  sections: Partial<Sections>,
  place: Place,
): Readonly<Record<string, readonly string[]>> {
  const { streams = {}, ingest, sites, nodePools = {} } = sections;
  const landed = Object.values(ingest?.streams ?? {});
  const tables = (isAppended: boolean) =>
    landed.filter(({ mode }) => (mode === "append") === isAppended).map(({ table }) => table);
  const refs = (sites?.list ?? []).flatMap(secretRefs);
  const pools = Object.values(nodePools);
  const managed = pools.flatMap(({ managedNodeGroup }) => managedNodeGroup ?? []);
  const { stage, region, account } = place;
  return {
    stage: [stage],
    region: [region],
    account: [account],
    stream: Object.keys(streams),
    "landed stream": Object.keys(ingest?.streams ?? {}),
    "table in mode append": tables(true),
    "table in mode append-once or latest": tables(false),
    "parameter of a site": refs.flatMap((ref) => ("ssm" in ref ? [ref.ssm.replace(/^\//, "")] : [])),
    "secret of a site": refs.flatMap((ref) => ("secret" in ref ? [ref.secret] : [])),
    "bucket of the status page": sites?.statusPage ? [`reflex-${stage}-status-${region}-${account}`] : [],
    cluster: pools.flatMap(({ cluster, managedNodeGroup }) => cluster ?? managedNodeGroup?.cluster ?? []),
    "managed node group": managed.map(({ cluster, name }) => `${cluster}/${name}`),
    // EKS makes the groups of a managed node group and names them after it.
    group: [
      ...pools.flatMap(({ autoScalingGroups = [] }) => autoScalingGroups),
      ...managed.map(({ name }) => `eks-${name}-*`),
    ],
    fleet: pools.flatMap(({ spotFleet }) => spotFleet ?? []),
  };
}

/** Each action on each resource, as `action on resource [if …]`. */
export function expanded(
  permissions: readonly Permission[],
  values: Readonly<Record<string, readonly string[]>>,
): ReadonlySet<string> {
  return new Set(
    permissions.flatMap(({ actions, on, only }) => {
      const condition = only ? ` if ${JSON.stringify(only)}` : "";
      return filled(`${on}${condition}`, values).flatMap((target) =>
        actions.map((action) => `${action} on ${target}`),
      );
    }),
  );
}

function filled(text: string, values: Readonly<Record<string, readonly string[]>>): string[] {
  const placeholder = /<([^>]+)>/.exec(text);
  if (!placeholder) return [text];
  const [whole, name = ""] = placeholder;
  const known = values[name];
  if (!known) throw new Error(`scripts/permissions.ts: nothing is known for ${whole}.`);
  return known.flatMap((value) => filled(text.replaceAll(whole, value), values));
}
