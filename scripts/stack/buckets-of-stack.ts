import { type CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import { templateOfStack } from "./template-of-stack.ts";

/**
 * A bucket with `Metadata: { AfterTheStack: Delete }` goes when its stack is removed. CloudFormation deletes no bucket
 * that has something in it, and as long as there is a function it may put something in: so such a bucket outlives its
 * stack (`DeletionPolicy: Retain`) and is deleted after it.
 */
const Template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Metadata: z.optional(z.looseObject({ AfterTheStack: z.optional(z.string()) })) }),
  ),
});

/** The names of the buckets that go with a stack; none where there is no such stack. */
export async function bucketsToDelete(
  client: CloudFormationClient,
  StackName: string,
): Promise<readonly string[]> {
  const goes = await logicalIds(client, StackName);
  const names: string[] = [];
  if (goes.size === 0) return names;
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    for (const { LogicalResourceId = "", PhysicalResourceId } of StackResourceSummaries) {
      if (goes.has(LogicalResourceId) && PhysicalResourceId) names.push(PhysicalResourceId);
    }
  }
  return names;
}

async function logicalIds(client: CloudFormationClient, StackName: string): Promise<ReadonlySet<string>> {
  const template = await templateOfStack(client, StackName);
  if (template === undefined) return new Set();
  const { Resources } = z.parse(Template, JSON.parse(template));
  return new Set(
    Object.entries(Resources).flatMap(([id, { Metadata }]) =>
      Metadata?.AfterTheStack === "Delete" ? [id] : [],
    ),
  );
}

/** Deletes a bucket with all that is in it. */
export async function deleteBucket(client: S3Client, Bucket: string): Promise<void> {
  await emptyBucket(client, Bucket);
  await client.send(new DeleteBucketCommand({ Bucket }));
}

/** Deletes all that is in a bucket. */
export async function emptyBucket(client: S3Client, Bucket: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
    const Objects = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    if (Objects.length === 0) continue;
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first) throw new Error(`Bucket ${Bucket} stays: ${first.Key} was not deleted: ${first.Message}`);
  }
}
