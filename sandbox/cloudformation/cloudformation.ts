import type { Buckets } from "../s3/buckets.ts";
import type { Service } from "../service.ts";
import { answer } from "../wire/answer.ts";
import { cloudFormationOperations } from "./operations.ts";
import { checkTemplateSize } from "./quotas.ts";
import { parseTemplateText, readTemplate } from "./source.ts";
import { createStacks, type Stacks, type StacksDependencies } from "./stacks.ts";

export interface CloudFormationDependencies extends Omit<StacksDependencies, "readTemplate"> {
  /** Where templates are uploaded to. */
  readonly buckets: Buckets;
  /** What was packaged and is as if it were uploaded: the template at a URL, undefined where it is not there. */
  readonly packagedTemplate?: (url: string) => string | undefined;
}

export interface CloudFormation extends Service {
  readonly stacks: Stacks;
}

/**
 * CloudFormation as `serverless deploy` and the aws CLI use it: stacks and change sets of JSON templates, the
 * resources by the account's own services. Not simulated: parameters of a request, drift, stack policies.
 */
export function createCloudFormation(dependencies: CloudFormationDependencies): CloudFormation {
  const { buckets, packagedTemplate } = dependencies;
  const readNested = (url: string) => {
    const packaged = packagedTemplate?.(url);
    if (packaged === undefined) return readTemplate({ TemplateURL: url }, buckets);
    checkTemplateSize(packaged, "object");
    return parseTemplateText(packaged, url);
  };
  const stacks = createStacks({ ...dependencies, readTemplate: readNested });
  const service = {
    name: "CloudFormation",
    operations: cloudFormationOperations(stacks, buckets),
    xmlNamespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
  };
  return { signingNames: ["cloudformation"], handle: (request) => answer(service, request), stacks };
}
