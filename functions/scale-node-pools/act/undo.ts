import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { EKSClient } from "@aws-sdk/client-eks";
import type { PlanUndo, UndoPlan, UndoRefusal, UndoRequest } from "../../../shared/automation/undo.ts";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { clusterAccess } from "../../../shared/kubernetes/api/connect.ts";
import { hasStatus } from "../../../shared/kubernetes/api/errors.ts";
import { readDrainMark, takenBackPatch } from "../../../shared/kubernetes/drain-mark.ts";
import { type Node, patchNode, readNode } from "../../../shared/kubernetes/node.ts";
import { drainedNodes, type GroupNow, groupChanges, sizeRefusal } from "../decide/undo.ts";

/** For `reflex undo`: what brings a node pool back to what it was before a change. */
export const planUndo: PlanUndo = async (request) => {
  const { action } = request.entry.intent;
  switch (action) {
    case "autoscaling:SetDesiredCapacity":
      return planSizes(request);
    case "lambda:Invoke drain-nodes":
      return planUncordon(request);
    case "eks:UpdateNodegroupConfig":
    case "ec2:ModifySpotFleetRequest":
      return {
        refused: `a lower size by ${action} has AWS choose which instances it terminates, with the pods on them. The pool gives nodes up itself once their pods are gone`,
      };
    default:
      return { refused: `${action} is nothing that can be undone: what was terminated does not come back` };
  }
};

async function planSizes({ entry, aws }: UndoRequest): Promise<UndoPlan | UndoRefusal> {
  const client = new AutoScalingClient({ ...clientOptions(), ...aws });
  const changes = groupChanges(entry.intent);
  const groups = await groupsNow(
    client,
    changes.map(({ group }) => group),
  );
  const refusals = changes.flatMap((change) => sizeRefusal(change, groups.get(change.group)) ?? []);
  if (changes.length === 0 || refusals.length > 0)
    return { refused: refusals.join("; ") || "the ledger does not say which groups it changed" };
  const { from, to } = entry.intent;
  return {
    what: changes.map((change) => `${change.group} ${change.to} -> ${change.from}`).join("; "),
    change: {
      action: "autoscaling:SetDesiredCapacity",
      direction: "in",
      from: to,
      to: from,
      evidence: { groups: changes.map((one) => `${one.group} ${one.to} -> ${one.from}`).join(", ") },
    },
    notes: ["No instance was running above that size."],
    async call() {
      for (const { group, from: size } of changes) {
        const input = { AutoScalingGroupName: group, DesiredCapacity: size, HonorCooldown: false };
        await client.send(new SetDesiredCapacityCommand(input));
      }
    },
  };
}

async function groupsNow(
  client: AutoScalingClient,
  names: readonly string[],
): Promise<ReadonlyMap<string, GroupNow>> {
  if (names.length === 0) return new Map();
  const { AutoScalingGroups = [] } = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names] }),
  );
  return new Map(
    AutoScalingGroups.map(
      ({ AutoScalingGroupName: group = "", DesiredCapacity, MinSize, Instances = [] }) => [
        group,
        { group, desired: DesiredCapacity ?? 0, min: MinSize ?? 0, instances: Instances.length },
      ],
    ),
  );
}

/** Nodes of the plan that are still there take pods again; those that are gone do not come back. */
async function planUncordon({ entry, aws, clock }: UndoRequest): Promise<UndoPlan | UndoRefusal> {
  const { intent } = entry;
  const cluster = intent.evidence.cluster;
  if (typeof cluster !== "string")
    return { refused: "the ledger does not say in which cluster its nodes are" };
  const api = await clusterAccess(new EKSClient({ ...clientOptions(), ...aws }), clock)(cluster);
  const names = drainedNodes(intent);
  const nodes = await Promise.all(names.map((name) => nodeIfDraining(api, name, intent.id)));
  const draining = nodes.filter((node) => node !== undefined);
  const gone = names.filter((name) => !draining.some((node) => node.name === name));
  if (draining.length === 0) {
    return {
      refused: `none of its nodes is being drained any more (${names.join(", ")}): what is gone does not come back, and the pool orders nodes again when pods wait`,
    };
  }
  return {
    what: `uncordon ${draining.map(({ name }) => name).join(", ")} and remove the taint`,
    change: {
      action: "kubernetes:uncordon",
      direction: "out",
      from: intent.to,
      to: intent.to + draining.length,
      evidence: { cluster, nodes: draining.map(({ name }) => name).join(" ") },
    },
    notes: gone.map((name) => `${name} is not being drained any more: it stays as it is`),
    async call() {
      for (const node of draining) await patchNode(api, node.name, takenBackPatch(node, clock.now()), NEVER);
    },
  };
}

/** A command that a person runs is ended by the person. */
const NEVER = new AbortController().signal;

/** The node while the plan's drain is under way on it: before its instance is about to go. */
async function nodeIfDraining(api: KubernetesApi, name: string, plan: string): Promise<Node | undefined> {
  try {
    const node = await readNode(api, name, NEVER);
    const mark = readDrainMark(node);
    return mark?.plan === plan && !mark.ending && mark.endedAt === undefined ? node : undefined;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
