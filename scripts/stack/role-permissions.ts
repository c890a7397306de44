import type { ConfiguredAutomation } from "../../shared/automation/automation.ts";
import type { Permission } from "../../shared/automation/permission.ts";

/**
 * Actions for which AWS has no resource level, so that they are allowed on all or none.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const WITHOUT_RESOURCE_LEVEL: ReadonlySet<string> = new Set([
  "autoscaling:DescribeAutoScalingGroups",
  "autoscaling:DescribeAutoScalingInstances",
  "autoscaling:DescribeInstanceRefreshes",
  "autoscaling:DescribeLifecycleHooks",
  "autoscaling:DescribeScalingActivities",
  "cloudwatch:GetMetricData",
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeInstances",
  "ec2:DescribeLaunchTemplateVersions",
  "ec2:DescribeSpotFleetInstances",
  "ec2:DescribeSpotFleetRequestHistory",
  "ec2:DescribeSpotFleetRequests",
  "ec2:DescribeSpotPriceHistory",
  "kinesis:DescribeAccountSettings",
  "kinesis:ListStreams",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
]);

/** Where a role's resources are. */
export interface Place {
  readonly stage: string;
  readonly region: string;
  readonly account: string;
}

/** What an automation's role may do by its descriptor and config: each action on each resource. */
export function permitted(automation: ConfiguredAutomation, place: Place): ReadonlySet<string> {
  const values = {
    ...automation.placeholders(place.stage),
    stage: [place.stage],
    region: [place.region],
    account: [place.account],
  };
  return expanded(automation.permissions, values);
}

/** Each action on each resource, as `action on resource [if …]`. */
function expanded(
  permissions: readonly Permission[],
  values: Readonly<Record<string, readonly string[]>>,
): ReadonlySet<string> {
  return new Set(
    permissions.flatMap(({ actions, on, only }) => {
      const condition = only ? ` if ${JSON.stringify(only)}` : "";
      return filled(`${on}${condition}`, values).flatMap((target) =>
        actions.map((action) => `${action} on ${target}`),
      );
    }),
  );
}

function filled(text: string, values: Readonly<Record<string, readonly string[]>>): string[] {
  const placeholder = /<([^>]+)>/.exec(text);
  if (!placeholder) return [text];
  const [whole, name = ""] = placeholder;
  const known = values[name];
  if (!known) throw new Error(`A permission names ${whole}, and its descriptor has nothing for that.`);
  return known.flatMap((value) => filled(text.replaceAll(whole, value), values));
}
