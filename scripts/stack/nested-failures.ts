import { type CloudFormationClient, DescribeStackEventsCommand } from "@aws-sdk/client-cloudformation";

/** What CloudFormation says of those it did not begin, since another had failed. */
const CANCELLED = /cancelled/i;

/**
 * Why a nested stack failed, one line for each of its resources: the stack above only says that it did.
 *
 * @param message of the failure, which names the nested stack
 */
export async function nestedFailures(
  client: CloudFormationClient,
  message: string,
): Promise<readonly string[]> {
  const [, StackName] = /Embedded stack (arn:\S+) was not successfully/.exec(message) ?? [];
  if (StackName === undefined) return [];
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.filter(
    ({ ResourceStatus = "", ResourceStatusReason = "" }) =>
      ResourceStatus.endsWith("_FAILED") && !CANCELLED.test(ResourceStatusReason),
  ).map(
    ({ LogicalResourceId, ResourceType, ResourceStatusReason }) =>
      `${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason}`,
  );
}
