import type { Resource } from "../../shared/cloudformation/resource.ts";
import { partitionOf } from "../stage/region.ts";

type Resources = Readonly<Record<string, Resource>>;

/**
 * CloudFormation's quotas of a template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const MOST_RESOURCES = 500;
export const MOST_BYTES = 1_000_000;

/**
 * What serverless adds to the resources of the automations: the deployment bucket and its policy; a function, its log and
 * its settings for asynchronous events; a rule and a permission for each schedule.
 */
const OF_THE_SERVICE = 2;
const OF_A_FUNCTION = 5;

/** What AWS would refuse in these resources, one sentence each. */
export function quotaProblems(resources: Resources, region: string): readonly string[] {
  const count = Object.keys(resources).length;
  const bytes = JSON.stringify(resources).length;
  return [
    ...(count > MOST_RESOURCES
      ? [
          `the stack would have ${count} resources, expected at most ${MOST_RESOURCES}: ${largest(resources)}. Manage resources by patterns, which need no alarm each, or deploy a part of them as another stage`,
        ]
      : []),
    ...(bytes > MOST_BYTES
      ? [
          `the stack's template would have ${bytes} bytes, expected at most ${MOST_BYTES}: ${largest(resources)}`,
        ]
      : []),
    ...unavailable(resources, region),
  ];
}

/** As `quotaProblems`, before serverless has added what is its own. */
export function expectedQuotaProblems(
  resources: Resources,
  { functions, region }: { readonly functions: number; readonly region: string },
): readonly string[] {
  const added = Array.from({ length: OF_THE_SERVICE + OF_A_FUNCTION * functions }, (_, at) => [
    `AddedByServerless${at}`,
    { Type: "of the functions" },
  ]);
  return quotaProblems({ ...resources, ...Object.fromEntries(added) }, region);
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
