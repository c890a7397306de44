import { traced } from "../tracing/aws-calls.ts";
import { clientOptions } from "./client-options.ts";

/**
 * Clients that only some configs need. They are in no bundle: Lambda's runtime has them, and the first call loads them
 * (docs/decisions/bundles.md). Each has all operations of its service as methods, as a command that is imported for
 * itself would be bundled with its client.
 */
export const ec2 = once(async () => {
  const { EC2 } = await import("@aws-sdk/client-ec2");
  return traced(new EC2(clientOptions()));
});

export const lambda = once(async () => {
  const { Lambda } = await import("@aws-sdk/client-lambda");
  return traced(new Lambda(clientOptions()));
});

export const cloudWatch = once(async () => {
  const { CloudWatch } = await import("@aws-sdk/client-cloudwatch");
  return traced(new CloudWatch(clientOptions()));
});

export const s3 = once(async () => {
  const { S3 } = await import("@aws-sdk/client-s3");
  return traced(new S3(clientOptions()));
});

export const sts = once(async () => {
  const { STS } = await import("@aws-sdk/client-sts");
  return traced(new STS(clientOptions()));
});

/** What `make` makes when it is first asked for, and the same from then on. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
