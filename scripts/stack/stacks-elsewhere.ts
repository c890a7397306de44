import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateListStackResources,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import { S3Client } from "@aws-sdk/client-s3";
import { emptyBucket } from "./buckets-of-stack.ts";
import { OTHER_REGIONS } from "./other-regions.ts";

/** Where a deployed stack says it has stacks in other regions; none where there is no such stack. */
export async function deployedElsewhere(
  client: CloudFormationClient,
  StackName: string,
): Promise<readonly string[]> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    const { OutputValue = "" } = stack?.Outputs?.find(({ OutputKey }) => OutputKey === OTHER_REGIONS) ?? {};
    return OutputValue.split(" ").filter((region) => region !== "");
  } catch (error) {
    if (error instanceof Error && error.message.includes("does not exist")) return [];
    throw error;
  }
}

/** A function in a VPC takes its time to go. */
const MOST_SECONDS = 3600;

/** Deletes a stack and the packages in its bucket. One that is not there is deleted already. */
export async function removeStack(StackName: string, region: string): Promise<void> {
  const client = new CloudFormationClient({ region });
  const s3 = new S3Client({ region });
  for (const bucket of await bucketsOf(client, StackName)) await emptyBucket(s3, bucket);
  await client.send(new DeleteStackCommand({ StackName }));
  const minDelay = Number(process.env.SLS_AWS_MONITORING_FREQUENCY ?? 5000) / 1000;
  const wait = { client, maxWaitTime: MOST_SECONDS, minDelay, maxDelay: minDelay };
  await waitUntilStackDeleteComplete(wait, { StackName });
}

async function bucketsOf(client: CloudFormationClient, StackName: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources(
      { client },
      { StackName },
    )) {
      for (const { ResourceType, PhysicalResourceId } of StackResourceSummaries) {
        if (ResourceType === "AWS::S3::Bucket" && PhysicalResourceId) names.push(PhysicalResourceId);
      }
    }
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("does not exist")) throw error;
  }
  return names;
}
