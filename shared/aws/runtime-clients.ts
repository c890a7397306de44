import { once } from "../lambda/once.ts";
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

export const eventBridge = once(async () => {
  const { EventBridge } = await import("@aws-sdk/client-eventbridge");
  return traced(new EventBridge(clientOptions()));
});

/** Lambda in another region, for calls that run as long as a function does. */
export async function loadLambdaIn(region: string, requestTimeoutMs: number) {
  const { Lambda } = await import("@aws-sdk/client-lambda");
  // A second attempt meets a throttle; the rest of the run has no time for more.
  return traced(new Lambda({ ...clientOptions({ requestTimeoutMs }), region, maxAttempts: 2 }));
}

/** @param region the function's own where undefined */
export async function loadSsm(region: string | undefined) {
  const { SSM } = await import("@aws-sdk/client-ssm");
  return traced(new SSM({ ...clientOptions(), ...(region !== undefined && { region }) }));
}

/** @param region the function's own where undefined */
export async function loadSecretsManager(region: string | undefined) {
  const { SecretsManager } = await import("@aws-sdk/client-secrets-manager");
  return traced(new SecretsManager({ ...clientOptions(), ...(region !== undefined && { region }) }));
}
