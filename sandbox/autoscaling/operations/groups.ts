import * as z from "zod/mini";
import { DEFAULT_INSTANCE_TYPE } from "../../ec2/instance-types.ts";
import { page } from "../../wire/page.ts";
import { parse } from "../../wire/parse.ts";
import { integer, list } from "../../wire/scalars.ts";
import { describeActivity, describeGroup } from "./describe.ts";
import { groupName, optionalInteger, optionalText, paging, tag, text, texts } from "./inputs.ts";
import type { GroupsOperation } from "./operation.ts";

/** The tag by which a cluster's groups are known, on AWS as here: their instances join that cluster. */
const CLUSTER_TAG = /^kubernetes\.io\/cluster\/(.+)$/;
/** cluster-autoscaler's tags for what a node of a group will look like. */
const LABEL_TAG = /^k8s\.io\/cluster-autoscaler\/node-template\/label\/(.+)$/;

const createInput = z.object({
  AutoScalingGroupName: text,
  MinSize: integer,
  MaxSize: integer,
  DesiredCapacity: optionalInteger,
  AvailabilityZones: list(text).check(
    z.minLength(1, { error: "expected zones: the sandbox has no subnets" }),
  ),
  Tags: z._default(list(tag), []),
});
const updateInput = z.extend(groupName, {
  MinSize: optionalInteger,
  MaxSize: optionalInteger,
  DesiredCapacity: optionalInteger,
});
const describeInput = z.object({ AutoScalingGroupNames: texts, ...paging(50) });
const activitiesInput = z.object({ AutoScalingGroupName: optionalText, ...paging(100) });
const tagsInput = z.object({ Tags: list(z.extend(tag, { ResourceId: text })) });

/** Groups, their sizes and tags. */
export const GROUP_OPERATIONS: Readonly<Record<string, GroupsOperation>> = {
  CreateAutoScalingGroup: (groups, input) => {
    const { MinSize, MaxSize, AutoScalingGroupName, AvailabilityZones, Tags, DesiredCapacity } = parse(
      createInput,
      input,
    );
    const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
    const found = (pattern: RegExp) =>
      Tags.flatMap(({ Key, Value }) =>
        pattern.exec(Key) ? [[pattern.exec(Key)?.[1] ?? "", Value] as const] : [],
      );
    groups.create({
      name: AutoScalingGroupName,
      min: MinSize,
      max: MaxSize,
      desired: DesiredCapacity ?? MinSize,
      zones: AvailabilityZones,
      tags,
      launch: {
        instanceType: DEFAULT_INSTANCE_TYPE,
        spot: false,
        cluster: found(CLUSTER_TAG)[0]?.[0],
        labels: Object.fromEntries(found(LABEL_TAG)),
      },
    });
    return undefined;
  },
  UpdateAutoScalingGroup: (groups, input) => {
    const { AutoScalingGroupName, MinSize, MaxSize, DesiredCapacity } = parse(updateInput, input);
    groups.resize(AutoScalingGroupName, { min: MinSize, max: MaxSize, desired: DesiredCapacity });
    return undefined;
  },
  DeleteAutoScalingGroup: (groups, input) => {
    groups.remove(parse(groupName, input).AutoScalingGroupName);
    return undefined;
  },
  DescribeAutoScalingGroups: (groups, input) => {
    const { AutoScalingGroupNames, NextToken, MaxRecords } = parse(describeInput, input);
    const wanted = groups
      .all()
      .filter(({ name }) => AutoScalingGroupNames.length === 0 || AutoScalingGroupNames.includes(name));
    const { items, nextToken } = page(wanted, NextToken, MaxRecords);
    return {
      AutoScalingGroups: items.map((group) => describeGroup(group, groups.arnOf(group.name))),
      NextToken: nextToken,
    };
  },
  SetDesiredCapacity: (groups, input) => {
    const { AutoScalingGroupName, DesiredCapacity } = parse(
      z.extend(groupName, { DesiredCapacity: integer }),
      input,
    );
    groups.setDesired(AutoScalingGroupName, DesiredCapacity);
    return undefined;
  },
  DescribeScalingActivities: (groups, input) => {
    const { AutoScalingGroupName, NextToken, MaxRecords } = parse(activitiesInput, input);
    const wanted = AutoScalingGroupName === undefined ? groups.all() : [groups.get(AutoScalingGroupName)];
    const all = wanted.flatMap(({ name, activities }) =>
      activities.map((activity) => describeActivity(activity, name)),
    );
    const { items, nextToken } = page(all, NextToken, MaxRecords);
    return { Activities: items, NextToken: nextToken };
  },
  CreateOrUpdateTags: (groups, input) => {
    for (const { ResourceId, Key, Value } of parse(tagsInput, input).Tags)
      groups.get(ResourceId).tags.set(Key, Value);
    return undefined;
  },
};
