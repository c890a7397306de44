import * as z from "zod/mini";
import { collect } from "../../../shared/kubernetes/api/list/pages.ts";
import { isDraining } from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes } from "../../../shared/kubernetes/node.ts";
import { type Pod, podsOnNode } from "../../../shared/kubernetes/pod.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { ALL_EXCEPTIONS, drainStatusOf } from "../../../shared/node-pools/drain-rules/drain-rules.ts";
import { parseAs } from "../../../shared/triggers/event-shape.ts";
import { clusterApi, poolOfGroup } from "../observe/find-pool.ts";
import type { Dependencies } from "../run/dependencies.ts";

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
 * Answers an Auto Scaling group that asks which instances it may terminate: only those we have drained. So AZ
 * rebalancing and scale-ins by others end no instance that runs pods.
 */
export async function drainedInstances(
  event: unknown,
  run: Run,
  deps: Pick<Dependencies, "autoScaling" | "clusters" | "pools">,
): Promise<Answer> {
  const {
    AutoScalingGroupName: group,
    Instances,
    Cause,
  } = parseAs(question, event, "the termination policy's question");
  const suggested = Instances.map(({ InstanceId }) => InstanceId);
  run.annotate("trigger", "termination-policy");
  run.annotate("resource", `auto-scaling-group/${group}`);
  run.annotate("reason", Cause);
  if (REPLACED.has(Cause)) return { InstanceIDs: suggested };
  const marked = await run.stage("observe", () => markedNodes(group, new Set(suggested), deps, run.signal));
  return run.stage("decide", async (stage) => {
    const InstanceIDs = marked.flatMap(({ instanceId, pods }) =>
      pods.every((pod) => drainStatusOf(pod, ALL_EXCEPTIONS).kind === "skip") ? [instanceId] : [],
    );
    stage.annotate("decision", InstanceIDs.length === 0 ? "none" : "some");
    stage.metadata("suggested", suggested);
    stage.metadata("InstanceIDs", InstanceIDs);
    run.log.info(`${group} may terminate ${InstanceIDs.length} of ${suggested.length} instances`, {
      resource: `auto-scaling-group/${group}`,
      Cause,
      InstanceIDs,
    });
    return { InstanceIDs };
  });
}

interface Marked {
  readonly instanceId: string;
  readonly pods: readonly Pod[];
}

/** The instances among `suggested` whose nodes are marked, with what is on them. */
async function markedNodes(
  group: string,
  suggested: ReadonlySet<string>,
  deps: Pick<Dependencies, "autoScaling" | "clusters" | "pools">,
  signal: AbortSignal,
): Promise<Marked[]> {
  const pool = await poolOfGroup(deps, group, signal);
  const api = pool && (await clusterApi(deps, pool, signal));
  if (!api) {
    throw new Misconfigured(
      `group ${group} asks which instances it may terminate, and is in no node pool with a cluster: it terminates ` +
        "none until it is in the config or this termination policy is taken from it",
    );
  }
  const cordoned = await listNodes(api, { fieldSelector: "spec.unschedulable=true", signal });
  const marked = cordoned
    .filter(isDraining)
    .flatMap(({ name, machine }) =>
      machine && suggested.has(machine.instanceId) ? [{ name, instanceId: machine.instanceId }] : [],
    );
  return Promise.all(
    marked.map(async ({ name, instanceId }) => ({
      instanceId,
      pods: await collect(podsOnNode(api, name, signal)),
    })),
  );
}
