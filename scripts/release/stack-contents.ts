import { type CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";

/** One resource of a stack, or of a stack nested in it. */
export interface StackResource {
  readonly type: string;
  /** Its name, or its ARN where AWS knows it by that. */
  readonly physicalId: string;
}

const NESTED = "AWS::CloudFormation::Stack";

/** What a stack holds, nested stacks opened; nothing where there is no such stack. */
export async function stackContents(
  client: CloudFormationClient,
  StackName: string,
): Promise<StackResource[]> {
  const found: StackResource[] = [];
  for (const { type, physicalId } of await resourcesOf(client, StackName)) {
    if (type === NESTED) found.push(...(await stackContents(client, physicalId)));
    else found.push({ type, physicalId });
  }
  return found;
}

async function resourcesOf(client: CloudFormationClient, StackName: string): Promise<StackResource[]> {
  const found: StackResource[] = [];
  try {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources(
      { client },
      { StackName },
    )) {
      for (const {
        ResourceType: type = "",
        PhysicalResourceId: physicalId,
        ResourceStatus,
      } of StackResourceSummaries) {
        // A resource that was taken out of the stack stays in the list.
        if (physicalId !== undefined && ResourceStatus !== "DELETE_COMPLETE")
          found.push({ type, physicalId });
      }
    }
  } catch (error) {
    if (error instanceof Error && error.message.includes("does not exist")) return [];
    throw error;
  }
  return found;
}
