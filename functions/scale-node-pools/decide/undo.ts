import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Entry, Intent } from "../../../shared/ledger/entry.ts";
import { type Reason, textsOf } from "../model/reason.ts";

/** One group's desired size before and after a change. */
export interface GroupChange {
  readonly group: string;
  readonly from: number;
  readonly to: number;
}

/** An Auto Scaling group as it is when its change is to be undone. */
export interface GroupNow {
  readonly group: string;
  readonly desired: number;
  readonly min: number;
  /** Instances that run, whatever their state. */
  readonly instances: number;
}

/** The groups of a change, as its entry in the ledger has them. */
export const groupChanges = ({ parts = [] }: Pick<Intent, "parts">): readonly GroupChange[] =>
  parts.flatMap(({ name, size }) => (size ? [{ group: name, ...size }] : []));

/** The nodes of a scale-in, as its entry in the ledger has them. */
export const drainedNodes = ({ parts = [] }: Pick<Intent, "parts">): readonly string[] =>
  parts.flatMap(({ name, size }) => (size ? [] : [name]));

/** Why a size is not brought back. */
export type SizeCode =
  | "changed-later"
  | "group-gone"
  | "changed-otherwise"
  | "below-group-min"
  | "instances-above-size";

/** Why a node is not uncordoned. */
export type UncordonCode = "node-gone" | "not-draining" | "other-cause" | "later-plan" | "terminating";

/** Why a size is not brought back; undefined where that is safe. */
export function sizeRefusal(
  change: GroupChange,
  now: GroupNow | undefined,
  later: readonly Entry[],
): Reason<SizeCode> | undefined {
  const { group, from, to } = change;
  const since = later.find(({ intent }) => groupChanges(intent).some((other) => other.group === group));
  if (since) {
    const { id, from: was, to: is } = since.intent;
    const text = `it is not the last change of ${group}: ${was} -> ${is} nodes (${id}) came after it, undo that first`;
    return { code: "changed-later", text };
  }
  if (!now) return { code: "group-gone", text: `group ${group} no longer exists` };
  if (now.desired !== to) {
    const text = `the desired size of ${group} is ${now.desired} and was ${to} after this change: it was changed since`;
    return { code: "changed-otherwise", text };
  }
  return from < to ? smallerRefusal(change, now) : undefined;
}

/** With instances running above the smaller size AWS would choose which of them it terminates, with the pods on them. */
function smallerRefusal(
  { group, from }: GroupChange,
  { min, instances }: GroupNow,
): Reason<SizeCode> | undefined {
  if (from < min) return { code: "below-group-min", text: `the minimum of ${group} is ${min} by now` };
  if (instances <= from) return undefined;
  return { code: "instances-above-size", text: `${group} has ${instances} instances already` };
}

/** The reasons why sizes are not brought back in one sentence, and what the person can do in place of that. */
export function refusalText(refusals: readonly Reason<SizeCode>[]): string {
  const isAboveSize = refusals.some(({ code }) => code === "instances-above-size");
  const instead = isAboveSize
    ? ". AWS would choose which it terminates, with the pods on them. Once the pods are gone the pool gives the nodes up itself; or drain nodes with kubectl and terminate them"
    : "";
  return `${textsOf(refusals).join("; ")}${instead}`;
}

/** A node as it is when its drain is to be undone. */
export interface NodeNow {
  /** Of the drain that is under way on it. */
  readonly mark?: Pick<DrainMark, "plan" | "cause" | "ending"> | undefined;
}

/** Why a node of `plan` is not uncordoned; undefined where it is. `node` is undefined where it is gone. */
export function uncordonRefusal(node: NodeNow | undefined, plan: string): Reason<UncordonCode> | undefined {
  if (!node) return { code: "node-gone", text: "is gone, and does not come back" };
  const { mark } = node;
  if (!mark) {
    const text =
      "is not being drained: its drain has ended, or has not begun yet (then look again in a minute)";
    return { code: "not-draining", text };
  }
  if (mark.plan === undefined)
    return { code: "other-cause", text: `is being drained because of a ${mark.cause}, not by this plan` };
  if (mark.plan !== plan)
    return { code: "later-plan", text: `is being drained by a later plan: undo ${mark.plan}` };
  if (!mark.ending) return undefined;
  return { code: "terminating", text: "is empty, and its instance is being terminated" };
}
