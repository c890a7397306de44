import * as z from "zod/mini";
import { page } from "../../wire/page.ts";
import { parse } from "../../wire/parse.ts";
import { groupName, paging, texts } from "./inputs.ts";
import type { GroupsOperation } from "./operation.ts";

const processesInput = z.extend(groupName, { ScalingProcesses: texts });
const refreshesInput = z.extend(groupName, paging(50));

const PROCESSES = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
];

/** Processes that people suspend, and instance refreshes. */
export const PROCESS_OPERATIONS: Readonly<Record<string, GroupsOperation>> = {
  SuspendProcesses: (groups, input) => {
    const { AutoScalingGroupName, ScalingProcesses } = parse(processesInput, input);
    const { suspended } = groups.get(AutoScalingGroupName);
    for (const process of ScalingProcesses.length > 0 ? ScalingProcesses : PROCESSES) suspended.add(process);
    return undefined;
  },
  ResumeProcesses: (groups, input) => {
    const { AutoScalingGroupName, ScalingProcesses } = parse(processesInput, input);
    const { suspended } = groups.get(AutoScalingGroupName);
    for (const process of ScalingProcesses.length > 0 ? ScalingProcesses : PROCESSES)
      suspended.delete(process);
    return undefined;
  },
  StartInstanceRefresh: (groups, input) => ({
    InstanceRefreshId: groups.startRefresh(parse(groupName, input).AutoScalingGroupName),
  }),
  CancelInstanceRefresh: (groups, input) => ({
    InstanceRefreshId: groups.cancelRefresh(parse(groupName, input).AutoScalingGroupName),
  }),
  DescribeInstanceRefreshes: (groups, input) => {
    const { AutoScalingGroupName, NextToken, MaxRecords } = parse(refreshesInput, input);
    const all = groups.get(AutoScalingGroupName).refreshes.map(({ id, status, startedAt }) => ({
      InstanceRefreshId: id,
      AutoScalingGroupName,
      Status: status,
      StartTime: new Date(startedAt),
    }));
    const { items, nextToken } = page(all, NextToken, MaxRecords);
    return { InstanceRefreshes: items, NextToken: nextToken };
  },
};
