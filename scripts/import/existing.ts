import { isDeepStrictEqual } from "node:util";
import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { HeadBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Kept } from "./kept-resources.ts";

export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
}

/**
 * What identifies a resource that is in the account; undefined where there is none.
 *
 * @throws {Error} for a table of that name whose key is another: it cannot become the stack's
 */
export async function identifierOf(kept: Kept, clients: Clients): Promise<string | undefined> {
  try {
    return await find(kept, clients);
  } catch (error) {
    if (error instanceof Error && NOT_THERE.has(error.name)) return undefined;
    throw error;
  }
}

const NOT_THERE: ReadonlySet<string> = new Set([
  "ResourceNotFoundException",
  "QueueDoesNotExist",
  "NotFound",
  "NoSuchBucket",
]);

async function find({ type, name, key }: Kept, { dynamodb, sqs, s3 }: Clients): Promise<string | undefined> {
  switch (type) {
    case "AWS::DynamoDB::Table": {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
      if (!isDeepStrictEqual(Table?.KeySchema, key)) {
        throw new Error(
          `The table ${name} is there with the key ${JSON.stringify(Table?.KeySchema)}, expected ${JSON.stringify(key)}: nothing was imported. Name another table in the config.`,
        );
      }
      return name;
    }
    case "AWS::SQS::Queue":
      return (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
    case "AWS::S3::Bucket":
      await s3.send(new HeadBucketCommand({ Bucket: name }));
      return name;
  }
}
