import * as z from "zod/mini";
import type { VpcConfig } from "../ec2/network.ts";
import { ACCOUNT_ID, DEFAULT_REGION, type Properties } from "../service.ts";
import { parse } from "../wire/parse.ts";
import { integer, scalar } from "../wire/scalars.ts";
import type { CodeLocation } from "./artefacts.ts";

const FunctionProperties = z.looseObject({
  FunctionName: z.optional(z.string()),
  Code: z.looseObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string(),
  Role: z.optional(z.string()),
  MemorySize: z._default(integer, 128),
  Timeout: z._default(integer, 3),
  Environment: z.optional(z.looseObject({ Variables: z.optional(z.record(z.string(), scalar)) })),
  ReservedConcurrentExecutions: z.optional(integer),
  TracingConfig: z.optional(z.looseObject({ Mode: z.string() })),
  VpcConfig: z.optional(
    z.looseObject({
      SubnetIds: z._default(z.array(z.string()), []),
      SecurityGroupIds: z._default(z.array(z.string()), []),
    }),
  ),
  DeadLetterConfig: z.optional(z.looseObject({ TargetArn: z.optional(z.string()) })),
});

/** A function as the template declares it. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  readonly code: CodeLocation;
  readonly handler: string;
  readonly runtime: string;
  readonly role: string | undefined;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly reservedConcurrency: number | undefined;
  /** Active tracing: each invocation is traced, not only those whose caller is. */
  readonly traced: boolean;
  readonly deadLetterArn: string | undefined;
  /** Where it has network interfaces in the account's VPC; absent outside it. */
  readonly vpc: VpcConfig | undefined;
}

export const SIMULATED_PROPERTIES = Object.keys(FunctionProperties.shape);

/** @throws {AwsError} naming the property that is wrong */
export function functionConfiguration(
  logicalId: string,
  properties: Properties,
  region = DEFAULT_REGION,
): FunctionConfiguration {
  const wanted = parse(FunctionProperties, properties, "ValidationException");
  const name = wanted.FunctionName ?? logicalId;
  return {
    name,
    arn: `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`,
    code: { bucket: wanted.Code.S3Bucket, key: wanted.Code.S3Key },
    handler: wanted.Handler,
    runtime: wanted.Runtime,
    role: wanted.Role,
    memoryMb: wanted.MemorySize,
    timeoutMs: wanted.Timeout * 1000,
    variables: wanted.Environment?.Variables ?? {},
    reservedConcurrency: wanted.ReservedConcurrentExecutions,
    traced: wanted.TracingConfig?.Mode === "Active",
    deadLetterArn: wanted.DeadLetterConfig?.TargetArn,
    vpc: vpcConfig(wanted.VpcConfig),
  };
}

function vpcConfig(declared: z.output<typeof FunctionProperties>["VpcConfig"]): VpcConfig | undefined {
  const { SubnetIds: subnetIds = [], SecurityGroupIds: securityGroupIds = [] } = declared ?? {};
  return subnetIds.length > 0 ? { subnetIds, securityGroupIds } : undefined;
}

/**
 * The function's name in any form a caller may name it by: `name`, `name:qualifier`, its ARN, its ARN with a
 * qualifier.
 */
export function functionNameIn(nameOrArn: string): string {
  return nameOrArn.replace(/^.*:function:/, "").split(":")[0] ?? "";
}
