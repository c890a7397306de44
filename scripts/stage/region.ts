import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { Misconfigured } from "../../shared/lambda/errors.ts";

/**
 * The region as the AWS CLI finds it: `--region`, then `AWS_REGION`, `AWS_DEFAULT_REGION` and the profile's.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
 *
 * @throws {Misconfigured} where it is set nowhere
 */
export async function regionOf(
  given: { readonly region?: string | undefined; readonly profile?: string | undefined },
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const named = given.region || env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (named) return named;
  const profile = given.profile ?? env.AWS_PROFILE;
  try {
    // The SDK reads the profiles of ~/.aws as the CLI does.
    return await new CloudFormationClient(profile === undefined ? {} : { profile }).config.region();
  } catch (cause) {
    const message = `No region is set: give --region, AWS_REGION or AWS_DEFAULT_REGION, or a region in the profile ${profile ?? "default"}`;
    throw new Misconfigured(message, { cause });
  }
}

/** The partition a region is in. */
export function partitionOf(region: string): "aws" | "aws-cn" | "aws-us-gov" {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
