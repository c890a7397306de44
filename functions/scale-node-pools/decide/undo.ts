import type { Intent } from "../../../shared/ledger/entry.ts";

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

/** The groups of a change, as its entry in the ledger has them: `workers-a 1 -> 4, workers-b 1 -> 2`. */
export function groupChanges({ evidence }: Pick<Intent, "evidence">): readonly GroupChange[] {
  return String(evidence.groups ?? "")
    .split(", ")
    .flatMap((text): GroupChange[] => {
      const [, group, from, to] = /^(\S+) (\d+) -> (\d+)$/.exec(text) ?? [];
      return group === undefined ? [] : [{ group, from: Number(from), to: Number(to) }];
    });
}

/** The nodes of a scale-in, as its entry in the ledger has them. */
export const drainedNodes = ({ evidence }: Pick<Intent, "evidence">): readonly string[] =>
  String(evidence.nodes ?? "")
    .split(" ")
    .filter((name) => name !== "");

/**
 * Why a larger size is not taken back; undefined where that is safe. With instances running above it AWS would choose which
 * of them it terminates, with the pods on them.
 */
export function sizeRefusal({ group, from, to }: GroupChange, now: GroupNow | undefined): string | undefined {
  if (!now) return `group ${group} no longer exists`;
  const { desired, min, instances } = now;
  if (desired !== to)
    return `the desired size of ${group} is ${desired} and was ${to} after this change: it was changed since`;
  if (from < min) return `the minimum of ${group} is ${min} by now`;
  if (instances > from) {
    return `${group} has ${instances} instances already: AWS would choose which it terminates, with the pods on them. Once the pods are gone the pool gives the nodes up itself; or drain nodes with kubectl and terminate them`;
  }
  return undefined;
}
