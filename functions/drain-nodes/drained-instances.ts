import * as z from "zod/mini";
import type { KubernetesApi } from "../../shared/kubernetes/api.ts";
import { isDraining } from "../../shared/kubernetes/drain-mark.ts";
import { listNodes } from "../../shared/kubernetes/node.ts";
import { all } from "../../shared/kubernetes/pages.ts";
import { podsOnNode } from "../../shared/kubernetes/pod.ts";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { OVERLOOK_ALL, verdictOn } from "../../shared/node-pools/drain-rules/verdict.ts";
import { parseAs } from "../../shared/triggers/seen.ts";
import type { House } from "./house.ts";
import { clusterApi, poolOfGroup } from "./places.ts";

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/lambda-custom-termination-policy.html */
const question = z.looseObject({
  AutoScalingGroupName: z.string(),
  /** The instances AWS suggests. */
  Instances: z.array(z.looseObject({ InstanceId: z.string() })),
  Cause: z.string(),
});

/** These replace an instance by another, and the lifecycle hook drains it: there is nothing to veto. */
const REPLACED: ReadonlySet<string> = new Set(["INSTANCE_REFRESH", "MAX_INSTANCE_LIFETIME"]);

export interface Answer {
  /** Those of the suggested instances that may be terminated. With none of them AWS waits and asks again. */
  readonly InstanceIDs: readonly string[];
}

/**
 * Answers an Auto Scaling group that asks which instances it may terminate: only those we have emptied. So AZ
 * rebalancing and scale-ins by others end no instance that runs pods.
 */
export async function drainedInstances(
  event: unknown,
  run: Run,
  house: Pick<House, "autoScaling" | "clusters" | "pools">,
): Promise<Answer> {
  const {
    AutoScalingGroupName: group,
    Instances,
    Cause,
  } = parseAs(question, event, "the termination policy's question");
  const suggested = Instances.map(({ InstanceId }) => InstanceId);
  if (REPLACED.has(Cause)) return { InstanceIDs: suggested };
  const pool = await poolOfGroup(house, group, run.signal);
  const api = pool && (await clusterApi(house, pool, run.signal));
  if (!api) {
    throw new Misconfigured(
      `group ${group} asks which instances it may terminate, and is in no node pool with a cluster: it terminates ` +
        "none until it is in the config or this termination policy is taken from it",
    );
  }
  const InstanceIDs = await emptied(api, new Set(suggested), run.signal);
  run.log.info(`${group} may terminate ${InstanceIDs.length} of ${suggested.length} instances`, {
    Cause,
    InstanceIDs,
  });
  return { InstanceIDs };
}

/** The instances among `suggested` whose nodes are marked and have nothing left that would have to go. */
async function emptied(
  api: KubernetesApi,
  suggested: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string[]> {
  const cordoned = await listNodes(api, { fieldSelector: "spec.unschedulable=true", signal });
  const marked = cordoned
    .filter(isDraining)
    .flatMap(({ name, machine }) =>
      machine && suggested.has(machine.instanceId) ? [{ name, instanceId: machine.instanceId }] : [],
    );
  const looked = await Promise.all(
    marked.map(async ({ name, instanceId }) => {
      const pods = await all(podsOnNode(api, name, signal));
      return pods.every((pod) => verdictOn(pod, OVERLOOK_ALL).kind === "leave") ? [instanceId] : [];
    }),
  );
  return looked.flat();
}
