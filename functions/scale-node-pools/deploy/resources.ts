import { nestedIn } from "../../../shared/cloudformation/nested-stack.ts";
import type { Resource } from "../../../shared/cloudformation/resource.ts";
import { logicalId } from "../../../shared/config/logical-id.ts";
import type { NodePool, NodePools } from "../../../shared/node-pools/policy.ts";
import { whatToDo } from "../../../shared/notify/what-to-do.ts";

const FUNCTION = "ScaleDashnodeDashpoolsLambdaFunction";

/**
 * The alarms that follow from the config: one for each pool that Container Insights measures. The other pools
 * are looked at every minute, which is as often as an alarm on a metric could call.
 *
 * @param docs where docs/ can be read, where the config says so
 */
export const resourcesFor = (pools: NodePools, stage: string, docs?: string): Record<string, Resource> =>
  nestedIn(
    { name: "NodePoolAlarms", count: 1 },
    Object.fromEntries(
      Object.entries(pools).flatMap(([name, policy]) =>
        policy.containerInsights === undefined
          ? []
          : [[`NodePoolAlarm${logicalId(name)}`, alarm(name, policy, policy.containerInsights, stage, docs)]],
      ),
    ),
  );

/** Calls when more of the nodes is reserved than the pool's target. */
function alarm(
  pool: string,
  { targetUtilisation }: NodePool,
  cluster: string,
  stage: string,
  docs: string | undefined,
): Resource {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: `reflex-${stage}-node-pool-${pool}`,
      AlarmDescription: `More than ${targetUtilisation} % of the capacity of ${cluster} is reserved. Invokes scale-node-pools for ${pool}.${whatToDo("A node pool's alarm", docs)}`,
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: targetUtilisation,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      TreatMissingData: "ignore",
      Metrics: [
        { Id: "reserved", Label: "reserved", Expression: "MAX([cpu, memory])", ReturnData: true },
        metric("cpu", "node_cpu_reserved_capacity", cluster),
        metric("memory", "node_memory_reserved_capacity", cluster),
      ],
      // The alarm invokes the function itself: no topic in between to encrypt and to pay for.
      AlarmActions: [{ "Fn::GetAtt": [FUNCTION, "Arn"] }],
    },
  };
}

const metric = (Id: string, MetricName: string, cluster: string) => ({
  Id,
  ReturnData: false,
  MetricStat: {
    Metric: {
      Namespace: "ContainerInsights",
      MetricName,
      Dimensions: [{ Name: "ClusterName", Value: cluster }],
    },
    Period: 60,
    Stat: "Average",
  },
});
