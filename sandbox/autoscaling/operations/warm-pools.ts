import * as z from "zod/mini";
import { parse } from "../../wire/parse.ts";
import { boolean, integer } from "../../wire/scalars.ts";
import { warmed } from "../group.ts";
import { describeMember, describeWarmPool } from "./describe.ts";
import { groupName, optionalInteger } from "./inputs.ts";
import type { GroupsOperation } from "./operation.ts";

const warmPoolInput = z.extend(groupName, {
  MinSize: z._default(integer, 0),
  MaxGroupPreparedCapacity: optionalInteger,
  PoolState: z._default(z.enum(["Stopped", "Running"]), "Stopped"),
  InstanceReusePolicy: z.optional(z.object({ ReuseOnScaleIn: z._default(boolean, false) })),
});

/** Warm pools. */
export const WARM_POOL_OPERATIONS: Readonly<Record<string, GroupsOperation>> = {
  PutWarmPool: (groups, input) => {
    const { AutoScalingGroupName, MinSize, MaxGroupPreparedCapacity, PoolState, InstanceReusePolicy } = parse(
      warmPoolInput,
      input,
    );
    groups.setWarmPool(AutoScalingGroupName, {
      minSize: MinSize,
      maxPrepared: MaxGroupPreparedCapacity,
      state: PoolState,
      reuseOnScaleIn: InstanceReusePolicy?.ReuseOnScaleIn ?? false,
    });
    return {};
  },
  DeleteWarmPool: (groups, input) => {
    groups.setWarmPool(parse(groupName, input).AutoScalingGroupName, undefined);
    return {};
  },
  DescribeWarmPool: (groups, input) => {
    const group = groups.get(parse(groupName, input).AutoScalingGroupName);
    return {
      Instances: warmed(group).map(describeMember),
      ...(group.warmPool && { WarmPoolConfiguration: describeWarmPool(group.warmPool) }),
    };
  },
};
