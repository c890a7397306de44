import { daemonSet } from "./daemon-set.ts";
import { emptyDir } from "./empty-dir.ts";
import { finished } from "./finished.ts";
import { mirror } from "./mirror.ts";
import { protectedPod, releasedPod } from "./protected.ts";
import type { DrainExceptions, DrainRule, PodDrainStatus, RuledPod } from "./rule.ts";
import { terminating } from "./terminating.ts";
import { toleratingDrain } from "./tolerates-drain.ts";
import { unreadable } from "./unreadable.ts";
import { unreplicated } from "./unreplicated.ts";

/** In this order: the first rule that applies decides. A pod that none applies to is evicted. */
const RULES: readonly DrainRule[] = [
  mirror,
  daemonSet,
  finished,
  terminating,
  releasedPod,
  protectedPod,
  unreadable,
  toleratingDrain,
  unreplicated,
  emptyDir,
];

/** Every switch on: for a node that terminates regardless, once the soft deadline has passed. */
export const ALL_EXCEPTIONS: DrainExceptions = {
  evictLocalStorage: true,
  evictUnreplicated: true,
  evictProtected: true,
};

/** What draining its node means for this pod. */
export function drainStatusOf(pod: RuledPod, exceptions: DrainExceptions): PodDrainStatus {
  for (const rule of RULES) {
    const status = rule(pod, exceptions);
    if (status) return status;
  }
  return { kind: "evict" };
}
