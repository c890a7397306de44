import { describe, expect, it } from "vitest";
import { nextStep } from "../../../../functions/drain-nodes/decide/next-step.ts";
import { aMark, aPod, MINUTE, policy, T0, view } from "../given.ts";

const hook = aMark({ cause: "lifecycle-hook", cordonedAt: T0 });
const EVERYWHERE = [{ operator: "Exists" as const }];

describe("a pod that has come to the node after its cordon", () => {
  const stepFor = (pod: Parameters<typeof aPod>[0]) => nextStep(view({ mark: hook, pods: [aPod(pod)] }));
  const cameBack = {
    kind: "wait",
    blockers: [
      { pod: "default/again", reason: { code: "came-back", text: "came to the node after its cordon" } },
    ],
  };

  it("is not evicted a second time, once the scheduler can have bound it no more", () => {
    expect(stepFor({ name: "again", createdAt: T0 + MINUTE }).kind).toBe("evict");
    expect(stepFor({ name: "again", createdAt: T0 + MINUTE + 1 })).toEqual(cameBack);
  });

  it("is one from the second of the cordon on where it tolerates the cordon", () => {
    const again = (createdAt: number) => aPod({ name: "again", tolerations: EVERYWHERE, createdAt });
    const all = policy({ evictProtected: true });
    expect(nextStep(view({ mark: hook, policy: all, pods: [again(T0 - 1)] })).kind).toBe("evict");
    expect(nextStep(view({ mark: hook, policy: all, pods: [again(T0)] }))).toEqual(cameBack);
  });

  it("stays what it is where it goes with the node, or is on its way out", () => {
    const late = T0 + 2 * MINUTE;
    expect(stepFor({ createdAt: late, controller: { kind: "DaemonSet", name: "logs" } })).toEqual({
      kind: "finish",
      left: [],
    });
    expect(stepFor({ createdAt: late, deletedAt: late })).toEqual({ kind: "wait", blockers: [] });
  });
});

describe("what a drain says", () => {
  it("of a pod that must not be moved: which, and why", () => {
    const precious = aPod({ name: "precious", annotations: { "karpenter.sh/do-not-disrupt": "true" } });
    const step = nextStep(view({ pods: [precious] }));
    const [blocker] = step.kind === "cancel" ? step.blockers : [];
    expect(step).toMatchObject({
      reason: {
        code: "pod-not-movable",
        text: `default/precious must not be moved: ${blocker?.reason.text}`,
      },
    });
  });

  it("of a soft deadline that has passed: which pods are there, and how far they are", () => {
    const pods = [aPod({ name: "held" }), aPod({ name: "slow", deletedAt: T0 })];
    const short = policy({ softDeadline: MINUTE, hardDeadline: MINUTE });
    expect(nextStep(view({ pods, policy: short, now: T0 + MINUTE }))).toEqual({
      kind: "cancel",
      reason: { code: "soft-deadline", text: "its soft deadline has passed" },
      blockers: [
        {
          pod: "default/held",
          reason: { code: "not-evicted", text: "not evicted in time" },
        },
        { pod: "default/slow", reason: { code: "terminating", text: "still terminating" } },
      ],
    });
  });
});

describe("the hard deadline where what is left is deleted", () => {
  const HARD = 20 * MINUTE;
  const deleting = {
    ...policy({ softDeadline: 10 * MINUTE, hardDeadline: HARD }),
    atHardDeadline: "delete" as const,
  };
  const atHard = (pods: Parameters<typeof aPod>[0][], now = T0 + HARD) =>
    nextStep(view({ mark: hook, policy: deleting, now, pods: pods.map((pod) => aPod(pod)) }));

  it("waits for what it has deleted as long as that was given, then lets the node go", () => {
    const ending = [{ name: "slow", deletedAt: T0 + HARD + 30_000 }];
    expect(atHard(ending, T0 + HARD + 29_999)).toEqual({ kind: "wait", blockers: [] });
    expect(atHard(ending, T0 + HARD + 30_000)).toMatchObject({
      kind: "finish",
      left: [{ pod: "default/slow" }],
    });
  });

  it("deletes beside a pod that is on its way out", () => {
    expect(atHard([{ name: "a" }, { name: "b", deletedAt: T0 + HARD }])).toMatchObject({
      kind: "delete",
      evictions: [{ pod: { name: "a" } }],
    });
  });

  it("lets the node go when only pods are left that are deleted by nobody", () => {
    const back = { name: "again", createdAt: T0 + 2 * MINUTE };
    expect(atHard([back])).toMatchObject({
      kind: "finish",
      left: [{ pod: "default/again", reason: { code: "came-back" } }],
    });
  });
});

describe("a pod that ends on a silent kubelet", () => {
  it("is waited for while nothing has deleted it", () => {
    expect(nextStep(view({ ready: false, now: T0 + MINUTE, mark: hook, pods: [aPod()] })).kind).toBe("evict");
  });
});
