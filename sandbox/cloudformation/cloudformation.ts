import type { Buckets } from "../s3/buckets.ts";
import type { Service } from "../service.ts";
import { answer } from "../wire/answer.ts";
import { cloudFormationOperations } from "./operations.ts";
import { createStacks, type Stacks, type StacksDependencies } from "./stacks.ts";

export interface CloudFormationDependencies extends StacksDependencies {
  /** Where templates are uploaded to. */
  readonly buckets: Buckets;
}

export interface CloudFormation extends Service {
  readonly stacks: Stacks;
}

/**
 * CloudFormation as `serverless deploy` and the aws CLI use it: stacks and change sets of JSON templates, the
 * resources by the account's own services. Not simulated: parameters, nested stacks, drift, stack policies.
 */
export function createCloudFormation(dependencies: CloudFormationDependencies): CloudFormation {
  const stacks = createStacks(dependencies);
  const service = {
    name: "CloudFormation",
    operations: cloudFormationOperations(stacks, dependencies.buckets),
    xmlNamespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
  };
  return { signingNames: ["cloudformation"], handle: (request) => answer(service, request), stacks };
}
