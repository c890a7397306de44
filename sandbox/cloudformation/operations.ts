import * as z from "zod/mini";
import type { Buckets } from "../s3/buckets.ts";
import type { Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { page } from "../wire/page.ts";
import { parse } from "../wire/parse.ts";
import { list } from "../wire/scalars.ts";
import {
  describedChangeSet,
  describedEvent,
  describedResource,
  describedStack,
  exportsOf,
} from "./describe.ts";
import { namesToImport, ToImport } from "./import.ts";
import { readTemplate } from "./source.ts";
import type { Stacks } from "./stacks.ts";

const text = z.optional(z.string());

const OneStack = z.looseObject({ StackName: z.string(), NextToken: text });
const AnyStack = z.looseObject({ StackName: text, NextToken: text });
const OneResource = z.looseObject({ StackName: z.string(), LogicalResourceId: z.string() });
const ResourcesOf = z.looseObject({ StackName: z.string(), LogicalResourceId: text });
const WithTemplate = z.looseObject({ StackName: z.string(), TemplateBody: text, TemplateURL: text });
const TemplateAlone = z.looseObject({ TemplateBody: text, TemplateURL: text });
const OneChangeSet = z.looseObject({ StackName: z.string(), ChangeSetName: z.string() });
const NewChangeSet = z.extend(WithTemplate, {
  ChangeSetName: z.string(),
  ChangeSetType: z._default(z.enum(["CREATE", "UPDATE", "IMPORT"]), "UPDATE"),
  ResourcesToImport: z._default(list(ToImport), []),
});

const EVENTS_A_PAGE = 100;

/** What deploy tools ask of CloudFormation. */
export function cloudFormationOperations(stacks: Stacks, buckets: Buckets): Record<string, Operation> {
  return {
    CreateStack(input) {
      const requested = parse(WithTemplate, input);
      return { StackId: stacks.startCreate(requested.StackName, readTemplate(requested, buckets)).id };
    },
    UpdateStack(input) {
      const requested = parse(WithTemplate, input);
      return { StackId: stacks.startUpdate(requested.StackName, readTemplate(requested, buckets)).id };
    },
    DeleteStack: (input) => stacks.startDelete(parse(OneStack, input).StackName),
    CreateChangeSet(input) {
      const requested = parse(NewChangeSet, input);
      const { StackName: stack, ChangeSetName: name, ChangeSetType: type } = requested;
      const source = readTemplate(requested, buckets);
      const created = stacks.createChangeSet({
        ...{ stack, name, type, source },
        ...(type === "IMPORT" && { imports: namesToImport(source.template, requested.ResourcesToImport) }),
      });
      return { Id: created.changeSet.id, StackId: created.stack.id };
    },
    DescribeChangeSet(input) {
      const { StackName, ChangeSetName } = parse(OneChangeSet, input);
      const { stack, changeSet } = stacks.changeSet(StackName, ChangeSetName);
      return describedChangeSet(stack, changeSet);
    },
    ExecuteChangeSet(input) {
      const { StackName, ChangeSetName } = parse(OneChangeSet, input);
      stacks.startExecute(StackName, ChangeSetName);
      return {};
    },
    // One that is not there is deleted already.
    DeleteChangeSet(input) {
      const { StackName, ChangeSetName } = parse(OneChangeSet, input);
      stacks.find(StackName).changeSets.delete(ChangeSetName);
      return {};
    },
    DescribeStacks(input) {
      const { StackName } = parse(AnyStack, input);
      const found = StackName === undefined ? stacks.list() : [stacks.find(StackName)];
      return { Stacks: found.map(describedStack) };
    },
    DescribeStackEvents(input) {
      const { StackName, NextToken } = parse(OneStack, input);
      const stack = stacks.find(StackName);
      const { items, nextToken } = page(stack.events.toReversed(), NextToken, EVENTS_A_PAGE);
      return { StackEvents: items.map((event) => describedEvent(stack, event)), NextToken: nextToken };
    },
    DescribeStackResource(input) {
      const { StackName, LogicalResourceId } = parse(OneResource, input);
      const stack = stacks.find(StackName);
      const found = stack.resources.get(LogicalResourceId);
      if (!found) {
        const message = `Resource ${LogicalResourceId} does not exist for stack ${StackName}`;
        throw new AwsError("ValidationError", message);
      }
      const { changedAt, ...described } = describedResource(stack, found);
      return { StackResourceDetail: { ...described, LastUpdatedTimestamp: changedAt } };
    },
    DescribeStackResources(input) {
      const { StackName, LogicalResourceId } = parse(ResourcesOf, input);
      const stack = stacks.find(StackName);
      const found = [...stack.resources.values()].filter(
        ({ logicalId }) => LogicalResourceId === undefined || logicalId === LogicalResourceId,
      );
      return {
        StackResources: found.map((resource) => {
          const { changedAt, ...described } = describedResource(stack, resource);
          return { ...described, StackName: stack.name, StackId: stack.id, Timestamp: changedAt };
        }),
      };
    },
    ListStackResources(input) {
      const stack = stacks.find(parse(OneStack, input).StackName);
      return {
        StackResourceSummaries: [...stack.resources.values()].map((resource) => {
          const { changedAt, ...described } = describedResource(stack, resource);
          return { ...described, LastUpdatedTimestamp: changedAt };
        }),
      };
    },
    ListExports: () => ({ Exports: stacks.list().flatMap(exportsOf) }),
    GetTemplate: (input) => ({
      TemplateBody: stacks.find(parse(OneStack, input).StackName).source?.text ?? "",
      StagesAvailable: ["Original", "Processed"],
    }),
    ValidateTemplate(input) {
      readTemplate(parse(TemplateAlone, input), buckets);
      return { Parameters: [] };
    },
  };
}
