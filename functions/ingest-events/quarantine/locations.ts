/** Where a function's quarantine is: the queue and the bucket by the names serverless.yml gives them. */
export interface QuarantineLocations {
  readonly queueUrl: string;
  readonly bucket: string;
}

/** The account when there is no function ARN, as under `serverless invoke local`. */
const SANDBOX_ACCOUNT = "000000000000";

/**
 * A `Ref` in the function's environment would say both, and would have `serverless invoke local` ask
 * CloudFormation for them. So the environment has the names, and the rest is read from the function's ARN.
 */
export function quarantineLocations(
  { queue, bucketPrefix }: { readonly queue: string; readonly bucketPrefix: string },
  functionArn: string | undefined,
  region: string,
): QuarantineLocations {
  const [, partition = "aws", , ofFunction, account = SANDBOX_ACCOUNT] = functionArn?.split(":") ?? [];
  const place = ofFunction || region;
  const domain = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return {
    queueUrl: `https://sqs.${place}.${domain}/${account}/${queue}`,
    bucket: `${bucketPrefix}-${account}-${place}`,
  };
}
