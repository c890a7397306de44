import type { Call } from "../endpoint/calls.ts";
import type { FunctionConfiguration } from "../lambda/configuration.ts";
import type { Iam } from "./iam.ts";
import type { ConditionContext } from "./policy.ts";

/** IAM's prefix of a service, where it is not the signing name. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** IAM's action of an operation, where it is not the operation's own name. */
const ACTIONS: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  // Of the statements in it, the inserts stand for all.
  "dynamodb:BatchExecuteStatement": "dynamodb:PartiQLInsert",
  "sqs:SendMessageBatch": "sqs:SendMessage",
  "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
  "s3:ListObjectsV2": "s3:ListBucket",
  "s3:HeadObject": "s3:GetObject",
};

/** What a function may do in a cluster its ClusterRole says, and the sandbox's cluster refuses the rest. */
const KUBERNETES = "kubernetes";

/**
 * Actions without a resource level: a policy that names a resource does not allow them.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
const NO_RESOURCE_LEVEL = [
  /^kinesis:(ListStreams|DescribeLimits|DescribeAccountSettings)$/,
  /^cloudwatch:(GetMetricData|GetMetricStatistics|ListMetrics|PutMetricData)$/,
  /^autoscaling:Describe/,
  /^ec2:Describe/,
  /^(sns:ListTopics|sns:ListSubscriptions|sqs:ListQueues|lambda:ListFunctions|eks:ListClusters|dynamodb:ListTables)$/,
  /^xray:/,
];

/** AWS asks nobody's permission for it. */
const ALWAYS_ALLOWED: ReadonlySet<string> = new Set(["sts:GetCallerIdentity"]);

/** A function's call, with what a condition may ask about it. */
export interface FunctionCall
  extends Pick<Call, "functionName" | "functionArn" | "service" | "operation" | "resources"> {
  readonly context?: ConditionContext | undefined;
}

export type CallingFunction = Pick<FunctionConfiguration, "name" | "arn" | "role">;

/** The role of the function that called; undefined where it has none, or nobody is known to have called. */
export function roleOfCaller(
  { functionName, functionArn }: Pick<FunctionCall, "functionName" | "functionArn">,
  functions: readonly CallingFunction[],
): string | undefined {
  return functions.find(({ name, arn }) =>
    functionArn === undefined ? name === functionName : arn === functionArn,
  )?.role;
}

/** The action a function's role does not allow, with the resources; undefined where the call is allowed. */
export function refusedAction(
  call: FunctionCall,
  functions: readonly CallingFunction[],
  iam: Pick<Iam, "allows">,
): { readonly action: string; readonly roleArn: string; readonly resources: readonly string[] } | undefined {
  const { functionName, service, operation, context } = call;
  if (functionName === undefined || service === KUBERNETES) return undefined;
  const action = actionOf(service, operation);
  if (ALWAYS_ALLOWED.has(action)) return undefined;
  const roleArn = roleOfCaller(call, functions) ?? "";
  const resources = NO_RESOURCE_LEVEL.some((one) => one.test(action)) ? ["*"] : (call.resources ?? []);
  return iam.allows(roleArn, { action, resources, context }) ? undefined : { action, roleArn, resources };
}

/** The calls of functions that were refused, as `function: action on resource`, each once. */
export function notPermitted(
  calls: readonly Call[],
  functions: readonly CallingFunction[],
  iam: Pick<Iam, "allows">,
): string[] {
  const refused = calls.filter((call) => refusedAction(call, functions, iam) !== undefined);
  return [...new Set(refused.map(describe))];
}

function describe({ functionName, service, operation, resources = [] }: Call): string {
  const on = resources.length > 0 ? ` on ${resources.join(", ")}` : "";
  return `${functionName}: ${actionOf(service, operation)}${on}`;
}

function actionOf(service: string, operation: string): string {
  const action = `${PREFIXES[service] ?? service}:${operation}`;
  return ACTIONS[action] ?? action;
}
