import { conditionHolds, resolve } from "../template/intrinsics.ts";
import type { ProvisionedResource } from "../template/provision.ts";
import type { ChangeSet } from "./change-set.ts";
import { rootOf, type Stack, type StackEvent } from "./stack.ts";

/** As the API describes a stack and what belongs to it. */

export function describedStack(stack: Stack): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: new Date(stack.createdAt),
    LastUpdatedTime: stack.updatedAt === undefined ? undefined : new Date(stack.updatedAt),
    DeletionTime: stack.deletedAt === undefined ? undefined : new Date(stack.deletedAt),
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    Outputs: outputsOf(stack),
    EnableTerminationProtection: false,
    Parameters: Object.entries(stack.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    ParentId: stack.parent?.id,
    RootId: stack.parent && rootOf(stack).id,
  };
}

/** Every export of a stack. */
export function exportsOf(stack: Stack): { Name: string; Value: string; ExportingStackId: string }[] {
  return outputsOf(stack).flatMap(({ ExportName, OutputValue }) =>
    ExportName === undefined ? [] : [{ Name: ExportName, Value: OutputValue, ExportingStackId: stack.id }],
  );
}

function outputsOf(stack: Stack) {
  const template = stack.source?.template;
  if (!template) return [];
  const scope = {
    template,
    stackName: stack.name,
    region: stack.id.split(":")[3] ?? "",
    created: stack.resources,
    parameters: stack.parameters,
  };
  return Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => !Condition || conditionHolds(Condition, scope))
    .map(([OutputKey, { Description, Export }]) => ({
      OutputKey,
      OutputValue: stack.outputs[OutputKey] ?? "",
      Description,
      ExportName: Export && String(resolve(Export.Name, scope, `Outputs.${OutputKey}.Export`)),
    }));
}

export function describedEvent(stack: Stack, event: StackEvent): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    EventId: event.id,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.ref ?? "",
    ResourceType: event.type,
    Timestamp: new Date(event.at),
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
  };
}

export function describedResource(stack: Stack, { logicalId, ref, type }: ProvisionedResource) {
  const last = stack.events.findLast((event) => event.logicalId === logicalId);
  return {
    LogicalResourceId: logicalId,
    PhysicalResourceId: ref,
    ResourceType: type,
    ResourceStatus: last?.status ?? "CREATE_COMPLETE",
    changedAt: new Date(last?.at ?? stack.createdAt),
  };
}

export function describedChangeSet(stack: Stack, changeSet: ChangeSet): object {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: changeSet.id,
    ChangeSetName: changeSet.name,
    CreationTime: new Date(changeSet.createdAt),
    Status: changeSet.status,
    StatusReason: changeSet.reason,
    ExecutionStatus: changeSet.status === "FAILED" ? "UNAVAILABLE" : "AVAILABLE",
    Changes: changeSet.changes.map(({ action, logicalId, type }) => ({
      Type: "Resource",
      ResourceChange: {
        Action: action,
        LogicalResourceId: logicalId,
        PhysicalResourceId: stack.resources.get(logicalId)?.ref,
        ResourceType: type,
      },
    })),
  };
}
