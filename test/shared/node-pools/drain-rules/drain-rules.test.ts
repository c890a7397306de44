import { describe, expect, it } from "vitest";
import {
  ALL_EXCEPTIONS,
  type DrainExceptions,
  drainStatusOf,
  type RuledPod,
} from "../../../../shared/node-pools/drain-rules/drain-rules.ts";

const strict: DrainExceptions = { evictLocalStorage: false, evictUnreplicated: false, evictProtected: false };
const replicated: RuledPod = {
  annotations: {},
  controller: { kind: "ReplicaSet", name: "web" },
  phase: "Running",
  deletedAt: undefined,
  emptyDirs: [],
};
const verdict = (pod: Partial<RuledPod>, overlooked = strict) =>
  drainStatusOf({ ...replicated, ...pod }, overlooked).kind;

const SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";

describe("the drain rules", () => {
  it("evict a replicated pod without data", () => {
    expect(verdict({})).toBe("evict");
  });

  it.each([
    ["a mirror pod", { annotations: { "kubernetes.io/config.mirror": "hash" }, controller: undefined }],
    ["a DaemonSet's pod", { controller: { kind: "DaemonSet", name: "logs" } }],
    ["a pod that has succeeded", { phase: "Succeeded" as const, controller: undefined }],
    ["a pod that has failed", { phase: "Failed" as const, controller: undefined }],
  ])("leave %s", (_, pod) => {
    expect(verdict(pod)).toBe("leave");
  });

  it.each([
    [
      "a DaemonSet's pod with an emptyDir",
      { controller: { kind: "DaemonSet", name: "logs" }, emptyDirs: ["tmp"] },
    ],
    ["a finished pod that was protected", { phase: "Succeeded" as const, annotations: { [SAFE]: "false" } }],
  ])("leave %s, which would block otherwise", (_, pod) => {
    expect(verdict(pod)).toBe("leave");
  });

  it("wait for a pod that is ending, whatever it says", () => {
    expect(verdict({ deletedAt: 1, annotations: { [SAFE]: "false" } })).toBe("going");
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
  ])("stop at %s, unless the policy says otherwise", (_, pod, overlooked) => {
    expect(verdict(pod)).toBe("block");
    expect(verdict(pod, { ...strict, ...overlooked })).toBe("evict");
    expect(
      verdict(pod, {
        ...ALL_EXCEPTIONS,
        ...Object.fromEntries(Object.keys(overlooked).map((key) => [key, false])),
      }),
    ).toBe("block");
  });

  it("evict a pod that is said to be safe, with data and without a controller", () => {
    expect(verdict({ annotations: { [SAFE]: "true" }, controller: undefined, emptyDirs: ["x"] })).toBe(
      "evict",
    );
  });

  it("evict a pod whose every emptyDir may be lost, and stop at one more", () => {
    const annotations = { [VOLUMES]: "a, b" };
    expect(verdict({ annotations, emptyDirs: ["a", "b"] })).toBe("evict");
    expect(verdict({ annotations, emptyDirs: ["a", "b", "c"] })).toBe("block");
  });

  it("name what stands in the way", () => {
    const blocked = drainStatusOf({ ...replicated, emptyDirs: ["cache"] }, strict);
    expect(blocked).toMatchObject({ kind: "block", why: expect.stringContaining("emptyDir cache") });
  });
});
