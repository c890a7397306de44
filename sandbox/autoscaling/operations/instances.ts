import * as z from "zod/mini";
import { AwsError } from "../../wire/error.ts";
import { page } from "../../wire/page.ts";
import { parse } from "../../wire/parse.ts";
import { boolean } from "../../wire/scalars.ts";
import { describeActivity, describeMember } from "./describe.ts";
import { groupName, paging, text, texts } from "./inputs.ts";
import type { GroupsOperation } from "./operation.ts";

const instancesInput = z.object({
  InstanceIds: texts.check(z.maxLength(50, { error: "at most 50 instances a call" })),
  ...paging(50),
});
const terminateInput = z.object({ InstanceId: text, ShouldDecrementDesiredCapacity: boolean });
const protectionInput = z.extend(groupName, { InstanceIds: texts, ProtectedFromScaleIn: boolean });

/** Instances of groups. */
export const INSTANCE_OPERATIONS: Readonly<Record<string, GroupsOperation>> = {
  DescribeAutoScalingInstances: (groups, input) => {
    const { InstanceIds, NextToken, MaxRecords } = parse(instancesInput, input);
    const all = groups
      .all()
      .flatMap((group) => [...group.members.values()].map((member) => ({ group, member })));
    const wanted = all.filter(
      ({ member }) => InstanceIds.length === 0 || InstanceIds.includes(member.machine.id),
    );
    const { items, nextToken } = page(wanted, NextToken, MaxRecords);
    const described = items.map(({ group, member }) => ({
      ...describeMember(member),
      AutoScalingGroupName: group.name,
    }));
    return { AutoScalingInstances: described, NextToken: nextToken };
  },
  TerminateInstanceInAutoScalingGroup: (groups, input) => {
    const { InstanceId, ShouldDecrementDesiredCapacity } = parse(terminateInput, input);
    const name = groups.memberOf(InstanceId)?.group.name ?? "";
    return {
      Activity: describeActivity(groups.terminate(InstanceId, ShouldDecrementDesiredCapacity), name),
    };
  },
  SetInstanceProtection: (groups, input) => {
    const { AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn } = parse(protectionInput, input);
    const { members } = groups.get(AutoScalingGroupName);
    for (const id of InstanceIds) {
      const member = members.get(id);
      if (!member)
        throw new AwsError(
          "ValidationError",
          `The instance ${id} is not part of Auto Scaling group ${AutoScalingGroupName}.`,
        );
      member.protectedFromScaleIn = ProtectedFromScaleIn;
    }
    return {};
  },
};
