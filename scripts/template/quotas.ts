import type { Resource } from "../../shared/cloudformation/resource.ts";
import { partitionOf } from "../stage/region.ts";
import type { Nesting } from "./nested/nested-stacks.ts";

type Resources = Readonly<Record<string, Resource>>;

/**
 * CloudFormation's quotas of a template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const MOST_RESOURCES = 500;
export const MOST_BYTES = 1_000_000;
const MOST_PARAMETERS = 200;
/** Of a stack and those nested in it, in one operation. */
const MOST_IN_AN_OPERATION = 2500;

/**
 * What serverless adds to the resources of the automations: the deployment bucket and its policy; a function, its log and
 * its settings for asynchronous events; a rule and a permission for each schedule.
 */
const OF_THE_SERVICE = 2;
const OF_A_FUNCTION = 5;

/** What AWS would refuse in these stacks, one sentence each. */
export function quotaProblems({ resources, nested }: Nesting, region: string): readonly string[] {
  const inAll = [resources, ...nested.map(({ template }) => template.Resources)]
    .map((one) => Object.keys(one).length)
    .reduce((sum, count) => sum + count);
  return [
    ...sizeProblems("the stack", resources),
    ...nested.flatMap(({ logicalId, template }) =>
      sizeProblems(`the nested stack ${logicalId}`, template.Resources, template.Parameters),
    ),
    ...(inAll > MOST_IN_AN_OPERATION
      ? [`a first deploy would create ${inAll} resources, expected at most ${MOST_IN_AN_OPERATION}`]
      : []),
    ...unavailable(resources, region),
  ];
}

/** @param stack as a sentence names it */
function sizeProblems(stack: string, resources: Resources, parameters: Resources = {}): readonly string[] {
  const count = Object.keys(resources).length;
  const handedOver = Object.keys(parameters).length;
  const bytes = Buffer.byteLength(JSON.stringify(resources));
  return [
    ...(count > MOST_RESOURCES
      ? [
          `${stack} would have ${count} resources, expected at most ${MOST_RESOURCES}: ${largest(resources)}. Manage resources by patterns, which need no alarm each, or deploy a part of them as another stage`,
        ]
      : []),
    ...(bytes > MOST_BYTES
      ? [
          `${stack}'s template would have ${bytes} bytes, expected at most ${MOST_BYTES}: ${largest(resources)}`,
        ]
      : []),
    ...(handedOver > MOST_PARAMETERS
      ? [
          `${stack} would have ${handedOver} parameters, expected at most ${MOST_PARAMETERS}: ${largest(resources)}`,
        ]
      : []),
  ];
}

/** As `quotaProblems`, before serverless has added what is its own. */
export function expectedQuotaProblems(
  { resources, nested }: Nesting,
  { functions, region }: { readonly functions: number; readonly region: string },
): readonly string[] {
  const added = Array.from({ length: OF_THE_SERVICE + OF_A_FUNCTION * functions }, (_, at) => [
    `AddedByServerless${at}`,
    { Type: "of the functions" },
  ]);
  return quotaProblems({ resources: { ...resources, ...Object.fromEntries(added) }, nested }, region);
}

/** The kinds of resources there are most of. */
function largest(resources: Resources): string {
  const byType = Map.groupBy(Object.values(resources), ({ Type }) => String(Type));
  return [...byType]
    .map(([type, all]): [string, number] => [type.replace("AWS::", ""), all.length])
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([type, count]) => `${count} ${type}`)
    .join(", ");
}

/**
 * What whoever deploys to this region should know. CodeConnections is in the commercial partition only.
 * https://docs.aws.amazon.com/general/latest/gr/codeconnections.html
 */
export function partitionNotes(region: string): readonly string[] {
  const partition = partitionOf(region);
  if (partition === "aws") return [];
  return [
    `delivery/pipeline.yml cannot be created in ${region}: CodeConnections is not in ${partition}. Deploy from GitHub Actions (delivery/github.yml), or by hand`,
  ];
}

/** CloudFront is in the commercial partition only. */
function unavailable(resources: Resources, region: string): readonly string[] {
  const needsCloudFront = Object.values(resources).some(({ Type }) =>
    String(Type).startsWith("AWS::CloudFront::"),
  );
  if (!needsCloudFront || partitionOf(region) === "aws") return [];
  return [
    `sites.statusPage: found a status page for ${region}, expected none: CloudFront is not in ${partitionOf(region)}`,
  ];
}
