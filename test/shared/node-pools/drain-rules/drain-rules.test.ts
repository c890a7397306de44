import { describe, expect, it } from "vitest";
import { ALL_EXCEPTIONS, drainStatusOf } from "../../../../shared/node-pools/drain-rules/drain-rules.ts";
import type { DrainExceptions, RuledPod } from "../../../../shared/node-pools/drain-rules/rule.ts";

const strict: DrainExceptions = { evictLocalStorage: false, evictUnreplicated: false, evictProtected: false };
const replicated: RuledPod = {
  annotations: {},
  controller: { kind: "ReplicaSet", name: "web" },
  phase: "Running",
  deletedAt: undefined,
  emptyDirs: [],
  tolerations: [],
};
const status = (pod: Partial<RuledPod>, exceptions = strict) =>
  drainStatusOf({ ...replicated, ...pod }, exceptions).kind;

const SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";

describe("the drain rules", () => {
  it("evict a replicated pod without data", () => {
    expect(status({})).toBe("evict");
  });

  it.each([
    ["a mirror pod", { annotations: { "kubernetes.io/config.mirror": "hash" }, controller: undefined }],
    ["a DaemonSet's pod", { controller: { kind: "DaemonSet", name: "logs" } }],
    ["a pod that has succeeded", { phase: "Succeeded" as const, controller: undefined }],
    ["a pod that has failed", { phase: "Failed" as const, controller: undefined }],
  ])("skip %s", (_, pod) => {
    expect(status(pod)).toBe("skip");
  });

  it.each([
    [
      "a DaemonSet's pod with an emptyDir",
      { controller: { kind: "DaemonSet", name: "logs" }, emptyDirs: ["tmp"] },
    ],
    ["a finished pod that was protected", { phase: "Succeeded" as const, annotations: { [SAFE]: "false" } }],
  ])("skip %s, which would block otherwise", (_, pod) => {
    expect(status(pod)).toBe("skip");
  });

  it("wait for a pod that is ending, whatever it says", () => {
    expect(status({ deletedAt: 1, annotations: { [SAFE]: "false" } })).toBe("wait");
  });

  it.each([
    ["a pod without a controller", { controller: undefined }, { evictUnreplicated: true }],
    ["a pod with an emptyDir", { emptyDirs: ["cache"] }, { evictLocalStorage: true }],
    ["a pod that is not safe to evict", { annotations: { [SAFE]: "false" } }, { evictProtected: true }],
    [
      "a pod that is not to be disrupted",
      { annotations: { "karpenter.sh/do-not-disrupt": "true" } },
      { evictProtected: true },
    ],
  ])("stop at %s, unless the policy says otherwise", (_, pod, exceptions) => {
    expect(status(pod)).toBe("block");
    expect(status(pod, { ...strict, ...exceptions })).toBe("evict");
    expect(
      status(pod, {
        ...ALL_EXCEPTIONS,
        ...Object.fromEntries(Object.keys(exceptions).map((key) => [key, false])),
      }),
    ).toBe("block");
  });

  it("evict a pod that is said to be safe, with data and without a controller", () => {
    expect(status({ annotations: { [SAFE]: "true" }, controller: undefined, emptyDirs: ["x"] })).toBe(
      "evict",
    );
  });

  it("evict a pod whose every emptyDir may be lost, and stop at one more", () => {
    const annotations = { [VOLUMES]: "a, b" };
    expect(status({ annotations, emptyDirs: ["a", "b"] })).toBe("evict");
    expect(status({ annotations, emptyDirs: ["a", "b", "c"] })).toBe("block");
  });

  it("name what stands in the way", () => {
    const blocked = drainStatusOf({ ...replicated, emptyDirs: ["cache"] }, strict);
    expect(blocked).toMatchObject({
      kind: "block",
      reason: { code: "local-storage", text: expect.stringContaining("emptyDir cache") },
    });
  });
});
