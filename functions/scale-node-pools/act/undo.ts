import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { EKSClient } from "@aws-sdk/client-eks";
import {
  callEach,
  NotUndone,
  type PlanUndo,
  type UndoPlan,
  type UndoRefusal,
  type UndoRequest,
} from "../../../shared/automation/undo.ts";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { clusterAccess } from "../../../shared/kubernetes/api/connect.ts";
import { hasStatus } from "../../../shared/kubernetes/api/errors.ts";
import { readDrainMark, takenBackPatch } from "../../../shared/kubernetes/drain-mark.ts";
import { type Node, patchNode, readNode } from "../../../shared/kubernetes/node.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import {
  drainedNodes,
  type GroupChange,
  type GroupNow,
  groupChanges,
  refusalText,
  sizeRefusal,
  type UncordonCode,
  uncordonRefusal,
} from "../decide/undo.ts";
import type { Reason } from "../model/reason.ts";

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
    case "kubernetes:uncordon":
      return { refused: "its nodes take pods; the pool drains them again itself when they are not needed" };
    default:
      return { refused: `${action} is nothing that can be undone: what was terminated does not come back` };
  }
};

async function planSizes({ entry, later, aws }: UndoRequest): Promise<UndoPlan | UndoRefusal> {
  const client = new AutoScalingClient({ ...clientOptions(), ...aws });
  const changes = groupChanges(entry.intent);
  if (changes.length === 0) return { refused: "the ledger does not say which groups it changed" };
  const groups = await groupsNow(
    client,
    changes.map(({ group }) => group),
  );
  const refusals = changes.flatMap((change) => sizeRefusal(change, groups.get(change.group), later) ?? []);
  if (refusals.length > 0) return { refused: refusalText(refusals) };
  const { from, to } = entry.intent;
  const parts = changes.map(({ group, ...size }) => ({
    name: group,
    size: { from: size.to, to: size.from },
  }));
  const setSize = ({ group, from: size }: GroupChange) => {
    const input = { AutoScalingGroupName: group, DesiredCapacity: size, HonorCooldown: false };
    return client.send(new SetDesiredCapacityCommand(input));
  };
  return {
    what: parts.map(({ name, size }) => `${name} ${size.from} -> ${size.to}`).join("; "),
    change: {
      action: "autoscaling:SetDesiredCapacity",
      direction: from < to ? "in" : "out",
      from: to,
      to: from,
      evidence: {},
      parts,
    },
    notes: from < to ? ["No instance was running above that size."] : [],
    call: () => callEach(new Map(changes.map((change) => [change.group, () => setSize(change)]))),
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
  const found = await Promise.all(drainedNodes(intent).map((name) => readDraining(api, name, intent.id)));
  const draining = found.filter(({ refused }) => refused === undefined);
  const notes = found.flatMap(({ name, refused }) =>
    refused === undefined ? [] : [`${name} ${refused.text}`],
  );
  if (draining.length === 0) {
    return { refused: `${notes.join("; ")}. The pool orders nodes again when pods wait` };
  }
  return {
    what: `uncordon ${draining.map(({ name }) => name).join(", ")} and remove the taint`,
    change: {
      action: "kubernetes:uncordon",
      direction: "out",
      from: intent.to,
      to: intent.to + draining.length,
      evidence: { cluster },
      parts: draining.map(({ name }) => ({ name })),
    },
    notes,
    call: () =>
      callEach(new Map(draining.map(({ name }) => [name, () => takeBack(api, name, intent.id, clock)]))),
  };
}

/** A command that a person runs is ended by the person. */
const NEVER = new AbortController().signal;

/** A node of the plan, and why it is not uncordoned where it is not. */
async function readDraining(
  api: KubernetesApi,
  name: string,
  plan: string,
): Promise<{
  readonly name: string;
  readonly node?: Node;
  readonly refused: Reason<UncordonCode> | undefined;
}> {
  try {
    const node = await readNode(api, name, NEVER);
    const mark = readDrainMark(node);
    const underWay = mark?.endedAt === undefined ? mark : undefined;
    return { name, node, refused: uncordonRefusal({ mark: underWay }, plan) };
  } catch (error) {
    if (hasStatus(error, 404)) return { name, refused: uncordonRefusal(undefined, plan) };
    throw error;
  }
}

/** The node's drain writes on it as well: where it was changed since it was read, it is read again, once. */
async function takeBack(api: KubernetesApi, name: string, plan: string, clock: Clock): Promise<void> {
  const uncordonNow = async () => {
    const { node, refused } = await readDraining(api, name, plan);
    if (refused || !node) throw new NotUndone(`it ${refused?.text ?? "is gone"}`);
    await patchNode(api, name, takenBackPatch(node, clock.now()), NEVER);
  };
  try {
    await uncordonNow();
  } catch (error) {
    if (!hasStatus(error, 409)) throw error;
    await uncordonNow();
  }
}
