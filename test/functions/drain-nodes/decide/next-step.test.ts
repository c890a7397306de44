import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStep } from "../../../../functions/drain-nodes/decide/next-step.ts";
import type { DrainCause } from "../../../../shared/kubernetes/drain-mark.ts";
import type { Pod } from "../../../../shared/kubernetes/pod.ts";
import { aMark, aPod, MINUTE, policy, T0, view } from "../given.ts";

const CAUSES: readonly DrainCause[] = [
  "scale-in",
  "rebalance-recommendation",
  "lifecycle-hook",
  "spot-interruption",
];
const protectedPod = () => aPod({ name: "precious", annotations: { "karpenter.sh/do-not-disrupt": "true" } });
const daemon = () => aPod({ controller: { kind: "DaemonSet", name: "logs" } });
const hook = aMark({ cause: "lifecycle-hook" });
const spot = aMark({ cause: "spot-interruption" });
const short = policy({ softDeadline: 10 * MINUTE, hardDeadline: 20 * MINUTE });

describe("decide", () => {
  it.each(CAUSES)("finishes a node with nothing but daemons on it (%s)", (cause) => {
    expect(nextStep(view({ mark: aMark({ cause }), pods: [daemon()] }))).toEqual({
      kind: "finish",
      left: [],
    });
  });

  it.each(CAUSES)("evicts what may go (%s)", (cause) => {
    const step = nextStep(view({ mark: aMark({ cause }), pods: [aPod({ name: "a" }), daemon()] }));
    expect(step).toMatchObject({ kind: "evict", evictions: [{ pod: { name: "a" } }] });
  });

  it.each(CAUSES)("waits for what is on its way out (%s)", (cause) => {
    const step = nextStep(view({ mark: aMark({ cause }), pods: [aPod({ deletedAt: T0 + 1 })] }));
    expect(step).toEqual({ kind: "wait", blockers: [] });
  });

  describe("a node that can stay", () => {
    it.each(["scale-in", "rebalance-recommendation"] as const)(
      "is cancelled for a pod that must not be moved, before any is evicted (%s)",
      (cause) => {
        const step = nextStep(view({ mark: aMark({ cause }), pods: [aPod(), protectedPod()] }));
        expect(step).toMatchObject({ kind: "cancel", blockers: [{ pod: "default/precious" }] });
      },
    );

    it("is cancelled at the soft deadline, with the names of those who are still there", () => {
      const pods = [aPod({ name: "held" }), aPod({ name: "slow", deletedAt: T0 })];
      const late = view({ pods, policy: short, now: T0 + 10 * MINUTE });
      expect(nextStep({ ...late, now: late.now - 1 }).kind).toBe("evict");
      expect(nextStep(late)).toMatchObject({
        kind: "cancel",
        blockers: [{ pod: "default/held" }, { pod: "default/slow", reason: { code: "terminating" } }],
      });
    });

    it("is finished at the soft deadline when it is empty by then", () => {
      expect(nextStep(view({ pods: [], policy: short, now: T0 + 11 * MINUTE })).kind).toBe("finish");
    });
  });

  describe("a node that goes anyway", () => {
    it("spares a pod that must not be moved until the soft deadline, and evicts it then", () => {
      const held = view({ mark: hook, pods: [protectedPod()], policy: short });
      expect(nextStep({ ...held, now: T0 + 10 * MINUTE - 1 })).toMatchObject({
        kind: "wait",
        blockers: [{ pod: "default/precious" }],
      });
      expect(nextStep({ ...held, now: T0 + 10 * MINUTE })).toMatchObject({ kind: "evict" });
    });

    it("evicts beside a pod that must not be moved", () => {
      const step = nextStep(view({ mark: hook, pods: [aPod({ name: "a" }), protectedPod()] }));
      expect(step).toMatchObject({ kind: "evict", evictions: [{ pod: { name: "a" } }] });
    });

    it("is let go at the hard deadline, with the names of those who are left", () => {
      const late = view({ mark: hook, pods: [aPod({ name: "held" })], policy: short, now: T0 + 20 * MINUTE });
      expect(nextStep({ ...late, now: late.now - 1 }).kind).toBe("evict");
      expect(nextStep(late)).toMatchObject({ kind: "finish", left: [{ pod: "default/held" }] });
    });

    it("has its pods deleted at the hard deadline where the policy says so, with at least a second", () => {
      const policy = { ...short, atHardDeadline: "delete" as const };
      const pods = [aPod({ gracePeriodSeconds: 0 }), aPod({ gracePeriodSeconds: 600 })];
      const late = view({ mark: hook, pods, policy, now: T0 + 20 * MINUTE });
      expect(nextStep(late)).toMatchObject({
        kind: "delete",
        evictions: [{ gracePeriodSeconds: 1 }, { gracePeriodSeconds: 30 }],
      });
      expect(nextStep({ ...late, now: late.now + 30_000 }).kind).toBe("finish");
    });

    it("never has a hard deadline before its soft one", () => {
      const odd = policy({ softDeadline: 30 * MINUTE, hardDeadline: MINUTE });
      expect(nextStep(view({ mark: hook, policy: odd, now: T0 + 5 * MINUTE })).kind).toBe("evict");
    });
  });

  describe("a Spot instance", () => {
    it("spares nobody: in two minutes all of it is gone", () => {
      const pods = [protectedPod(), aPod({ controller: undefined }), aPod({ emptyDirs: ["cache"] })];
      expect(nextStep(view({ mark: spot, pods }))).toMatchObject({ kind: "evict", evictions: [{}, {}, {}] });
    });

    it("cuts a pod's time short where the machine will not be there so long, and only there", () => {
      const pods = [aPod({ gracePeriodSeconds: 30 }), aPod({ gracePeriodSeconds: 300 })];
      expect(nextStep(view({ mark: spot, pods, now: T0 + 25_000 }))).toMatchObject({
        evictions: [{ gracePeriodSeconds: undefined }, { gracePeriodSeconds: 80 }],
      });
    });

    it("gives a pod at least a second", () => {
      const step = nextStep(view({ mark: spot, now: T0 + 104_900 }));
      expect(step).toMatchObject({ evictions: [{ gracePeriodSeconds: 1 }] });
    });

    it("is over a quarter of a minute before AWS takes it", () => {
      expect(nextStep(view({ mark: spot, now: T0 + 105_000 }))).toMatchObject({ kind: "finish", left: [{}] });
    });
  });

  it("takes an ending pod for gone when its kubelet is silent and its time is over by a minute", () => {
    const silent = view({ ready: false, pods: [aPod({ deletedAt: T0 })] });
    expect(nextStep({ ...silent, now: T0 + MINUTE }).kind).toBe("wait");
    expect(nextStep({ ...silent, now: T0 + MINUTE + 1 }).kind).toBe("finish");
    expect(nextStep({ ...silent, ready: true, now: T0 + MINUTE + 1 }).kind).toBe("wait");
  });
});

const anyPod: fc.Arbitrary<Pod> = fc
  .record({
    phase: fc.constantFrom("Pending", "Running", "Succeeded", "Failed"),
    controller: fc.constantFrom(
      undefined,
      { kind: "ReplicaSet", name: "r" },
      { kind: "DaemonSet", name: "d" },
    ),
    deletedAt: fc.option(fc.integer({ min: T0, max: T0 + 60 * MINUTE }), { nil: undefined }),
    emptyDirs: fc.constantFrom<string[]>([], ["cache"]),
    annotations: fc.constantFrom<Record<string, string>>(
      {},
      { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
      { "kubernetes.io/config.mirror": "x" },
    ),
    gracePeriodSeconds: fc.nat(900),
  })
  .map((differences) => aPod(differences as Partial<Pod>));

describe("decide, for any pods", () => {
  const anyView = fc
    .record({
      cause: fc.constantFrom(...CAUSES),
      pods: fc.array(anyPod, { maxLength: 8 }),
      after: fc.nat(60 * MINUTE),
      ready: fc.boolean(),
      atHardDeadline: fc.constantFrom("leave", "delete"),
    })
    .map(({ cause, pods, after, ready, atHardDeadline }) =>
      view({
        mark: aMark({ cause }),
        pods,
        ready,
        now: T0 + after,
        policy: policy({ atHardDeadline: atHardDeadline as "leave" }),
      }),
    );

  it("never deletes past a budget on a node that can stay", () => {
    fc.assert(
      fc.property(anyView, (any) => {
        const canStay = any.mark.cause === "scale-in" || any.mark.cause === "rebalance-recommendation";
        expect(canStay && nextStep(any).kind === "delete").toBe(false);
      }),
    );
  });

  it("never evicts a daemon's, a mirror, a finished or an ending pod", () => {
    fc.assert(
      fc.property(anyView, (any) => {
        const step = nextStep(any);
        const asked =
          step.kind === "evict" || step.kind === "delete" ? step.evictions.map(({ pod }) => pod) : [];
        const wrong = asked.filter(
          ({ controller, annotations, phase, deletedAt }) =>
            controller?.kind === "DaemonSet" ||
            "kubernetes.io/config.mirror" in annotations ||
            ["Succeeded", "Failed"].includes(phase) ||
            deletedAt !== undefined,
        );
        expect(wrong).toEqual([]);
      }),
    );
  });

  it("ends a node that can stay only when nothing movable is on it", () => {
    fc.assert(
      fc.property(anyView, (any) => {
        const step = nextStep(any);
        if (any.mark.cause === "scale-in" && step.kind === "finish") expect(step.left).toEqual([]);
      }),
    );
  });

  it("comes to an end by the last deadline, whatever the pods do", () => {
    fc.assert(
      fc.property(anyView, (any) => {
        const late = { ...any, now: T0 + 24 * 60 * MINUTE };
        expect(["finish", "cancel"]).toContain(nextStep(late).kind);
      }),
    );
  });
});
