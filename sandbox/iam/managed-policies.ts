import type { PolicyStatement } from "./policy.ts";

const LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

const actions = (...Action: readonly string[]): readonly PolicyStatement[] => [
  { Effect: "Allow", Action: [...Action], Resource: "*" },
];

/**
 * AWS's own policies that execution roles of functions have, by the end of their ARN.
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html
 */
export const AWS_MANAGED_POLICIES: Readonly<Record<string, readonly PolicyStatement[]>> = {
  "service-role/AWSLambdaBasicExecutionRole": actions(...LOGS),
  "service-role/AWSLambdaVPCAccessExecutionRole": actions(
    ...LOGS,
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ),
  AWSXRayDaemonWriteAccess: actions(
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
  ),
};
