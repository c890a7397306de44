import type { Pool } from "./cluster.ts";
import type { CapacityChange, Decision } from "./decision.ts";

/** What a decision comes to: `uncordoned ip-10-0-1-2; workers-a 3 -> 5`; `none` for one that changes nothing. */
export function describeAction({ uncordon, capacityChanges, drain, terminate }: Decision): string {
  const parts = [
    ...uncordon.map(({ node }) => `uncordoned ${node}`),
    ...capacityChanges.map(describeChange),
    ...(drain.length > 0 ? [`requested the drain of ${namesOf(drain)}`] : []),
    ...terminate.map(({ instanceId, group }) => `terminated ${instanceId} in ${group}`),
  ];
  return parts.join("; ") || "none";
}

/** The same of one that is not carried out yet: `uncordon ip-10-0-1-2; workers-a 3 -> 5`. */
export function describePlan({ uncordon, capacityChanges, drain, terminate }: Decision): string {
  const parts = [
    ...uncordon.map(({ node }) => `uncordon ${node}`),
    ...capacityChanges.map(describeChange),
    ...(drain.length > 0 ? [`drain ${namesOf(drain)}`] : []),
    ...terminate.map(({ instanceId, group }) => `terminate ${instanceId} in ${group}`),
  ];
  return parts.join("; ");
}

const namesOf = (drain: Decision["drain"]): string => drain.map(({ node }) => node).join(", ");

function describeChange({ group, from, to, limits, unfilled }: CapacityChange): string {
  const size = from === to && limits ? [] : [`${from} -> ${to}`];
  const bounds = limits ? [`limits ${limits.min} to ${limits.max}`] : [];
  const given = unfilled ? [`AWS did not launch ${unfilled}`] : [];
  return [group, [...size, ...bounds, ...given].join(", ")].join(" ");
}

/** Whether a decision changes anything. */
export const changesAnything = ({ uncordon, capacityChanges, drain, terminate }: Decision): boolean =>
  uncordon.length + capacityChanges.length + drain.length + terminate.length > 0;

/** The call that a decision is carried out by, for example `autoscaling:SetDesiredCapacity`. */
export function callOf(
  { capacityChanges, drain, terminate }: Pick<Decision, "capacityChanges" | "drain" | "terminate">,
  { groups }: Pick<Pool, "groups">,
): string {
  if (drain.length > 0) return "lambda:Invoke drain-nodes";
  if (terminate.length > 0) return "autoscaling:TerminateInstanceInAutoScalingGroup";
  const [change] = capacityChanges;
  if (!change) return "kubernetes:uncordon";
  switch (groups.find(({ name }) => name === change.group)?.kind) {
    case "managedNodeGroup":
      return "eks:UpdateNodegroupConfig";
    case "spotFleet":
      return "ec2:ModifySpotFleetRequest";
    default:
      return "autoscaling:SetDesiredCapacity";
  }
}
