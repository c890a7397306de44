import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { checkEviction, deletePod, evictPod } from "../../../shared/kubernetes/api/eviction.ts";
import type { Pod } from "../../../shared/kubernetes/pod.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";
import { EVICTING, type EvictionOutcome, evictionOutcome } from "../decide/eviction-outcome.ts";
import { type Eviction, podName, type Step } from "../decide/next-step.ts";
import type { BlockingPod, PodReasonCode } from "../model/drain.ts";

/** Evictions at once: as many as the API client has connections. */
const EVICTIONS_AT_ONCE = 8;

/** What the evictions of one run came to so far. */
export interface EvictionProgress {
  /** Evictions that were accepted. */
  readonly evicted: number;
  /** Why the last eviction of a pod was not accepted, by `namespace/name`. */
  readonly refused: ReadonlyMap<string, Reason<PodReasonCode>>;
}

export const NO_EVICTIONS: EvictionProgress = { evicted: 0, refused: new Map() };

/** Carries out the step's evictions side by side; none of them stops another. Answers the progress after them. */
export async function evictPods(
  step: Step,
  api: KubernetesApi,
  before: EvictionProgress,
  run: Run,
): Promise<EvictionProgress> {
  if (step.kind !== "evict" && step.kind !== "delete") return before;
  const send = step.kind === "evict" ? evict : deletePastBudget;
  const answers = await run.stage("act", () =>
    inParallel(step.evictions, EVICTIONS_AT_ONCE, async (eviction) => {
      const outcome = await send(api, eviction, run.signal).then(() => EVICTING, evictionOutcome);
      run.metrics.count("Evictions", 1, { Outcome: outcome.kind });
      return { pod: podName(eviction.pod), outcome };
    }),
  );
  return answers.reduce(withAnswer, before);
}

function withAnswer(
  { evicted, refused }: EvictionProgress,
  { pod, outcome }: { readonly pod: string; readonly outcome: EvictionOutcome },
): EvictionProgress {
  if (outcome.kind !== "evicting") return { evicted, refused: new Map([...refused, [pod, outcome.reason]]) };
  return { evicted: evicted + 1, refused: new Map([...refused].filter(([name]) => name !== pod)) };
}

/** The blockers with what the API server said about them, where it said something. */
export const explained = (
  blockers: readonly BlockingPod[],
  { refused }: EvictionProgress,
): readonly BlockingPod[] => blockers.map(({ pod, reason }) => ({ pod, reason: refused.get(pod) ?? reason }));

/** The pods whose last eviction was not accepted. */
export const refusedPods = ({ refused }: EvictionProgress): readonly BlockingPod[] =>
  [...refused].map(([pod, reason]) => ({ pod, reason }));

/**
 * The blockers with why they are still there when time is up. Where no eviction of this run has asked, as the deadline
 * passed before it, the API server is asked now, and evicts nothing. An answer that does not come is no reason to wait.
 */
export async function explainedInTime(
  blockers: readonly BlockingPod[],
  pods: readonly Pod[],
  progress: EvictionProgress,
  api: KubernetesApi,
  run: Run,
): Promise<readonly BlockingPod[]> {
  const open = new Set(
    blockers
      .filter(({ pod, reason }) => reason.code === "not-evicted" && !progress.refused.has(pod))
      .map(({ pod }) => pod),
  );
  const asked = await inParallel(
    pods.filter((pod) => open.has(podName(pod))),
    EVICTIONS_AT_ONCE,
    async (pod): Promise<readonly [string, Reason<PodReasonCode>][]> => {
      try {
        const outcome = await checkEviction(api, pod, run.signal).then(() => EVICTING, evictionOutcome);
        return [[podName(pod), outcome.kind === "evicting" ? ACCEPTED_NOW : outcome.reason]];
      } catch (error) {
        run.log.info(asFailure(error, "check eviction", podName(pod)).message);
        return [];
      }
    },
  );
  return explained(blockers, { ...progress, refused: new Map([...progress.refused, ...asked.flat()]) });
}

const ACCEPTED_NOW = {
  code: "not-evicted",
  text: "not evicted in time; an eviction would be accepted now",
} as const;

const evict = (
  api: KubernetesApi,
  { pod, gracePeriodSeconds }: Eviction,
  signal: AbortSignal,
): Promise<void> => evictPod(api, pod, gracePeriodSeconds, signal);

const deletePastBudget = (
  api: KubernetesApi,
  { pod, gracePeriodSeconds = pod.gracePeriodSeconds }: Eviction,
  signal: AbortSignal,
): Promise<void> => deletePod(api, pod, gracePeriodSeconds, signal);
