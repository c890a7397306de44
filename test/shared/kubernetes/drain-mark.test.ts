import { describe, expect, it } from "vitest";
import {
  DRAIN_ANNOTATION,
  type DrainMark,
  isDraining,
  markPatch,
  readDrainMark,
  unmarkPatch,
} from "../../../shared/kubernetes/drain-mark.ts";
import type { NodePatch, Taint } from "../../../shared/kubernetes/node.ts";
import { DRAIN_TAINT } from "../../../shared/kubernetes/scheduling/toleration.ts";

const mark: DrainMark = {
  startedAt: 1_767_000_000_000,
  cordonedAt: 1_767_000_001_000,
  nodePool: "workers",
  cause: "scale-in",
  instanceId: "i-1",
  plan: "p1",
};
const dedicated: Taint = { key: "dedicated", value: "batch", effect: "NoSchedule" };

interface Marked {
  resourceVersion: string;
  annotations: Record<string, string>;
  taints: Taint[];
  unschedulable: boolean;
}
const fresh: Marked = {
  resourceVersion: "7",
  annotations: { mine: "x" },
  taints: [dedicated],
  unschedulable: false,
};

/** The node after a merge patch. */
function patched(node: Marked, { metadata, spec }: NodePatch): Marked {
  const annotations = Object.entries({ ...node.annotations, ...metadata?.annotations });
  return {
    resourceVersion: "8",
    annotations: Object.fromEntries(
      annotations.flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
    ),
    taints: [...(spec?.taints ?? node.taints)],
    unschedulable: spec?.unschedulable ?? node.unschedulable,
  };
}

describe("the drain's mark", () => {
  it("cordons, keeps the node's other taints, and carries when it began in Unix seconds", () => {
    const patch = markPatch(fresh, mark);
    expect(patch.spec).toEqual({
      unschedulable: true,
      taints: [dedicated, { key: DRAIN_TAINT, value: "1767000000", effect: "NoSchedule" }],
    });
    expect(patch.metadata?.resourceVersion).toBe("7");
  });

  it("is read back as it was written", () => {
    const marked = patched(fresh, markPatch(fresh, mark));
    expect(readDrainMark(marked)).toEqual(mark);
    expect(isDraining(marked)).toBe(true);
  });

  it("leaves the node as it was when it is taken away", () => {
    const marked = patched(fresh, markPatch(fresh, mark));
    expect(patched(marked, unmarkPatch(marked))).toEqual({ ...fresh, resourceVersion: "8" });
  });

  it("leaves a node cordoned that somebody else had cordoned before", () => {
    const cordoned = { ...fresh, unschedulable: true };
    const marked = patched(cordoned, markPatch(cordoned, mark));
    expect(patched(marked, unmarkPatch(marked)).unschedulable).toBe(true);
  });

  it("does not take its own cordon for somebody else's when it is written again", () => {
    const marked = patched(fresh, markPatch(fresh, mark));
    const again = patched(marked, markPatch(marked, { ...mark, cause: "spot-interruption" }));
    expect(patched(again, unmarkPatch(again)).unschedulable).toBe(false);
  });

  it("remembers somebody else's cordon when it is written again", () => {
    const cordoned = { ...fresh, unschedulable: true };
    const marked = patched(cordoned, markPatch(cordoned, mark));
    const again = patched(marked, markPatch(marked, { ...mark, cause: "lifecycle-hook" }));
    expect(patched(again, unmarkPatch(again)).unschedulable).toBe(true);
  });

  it("is none where somebody took the taint away", () => {
    const marked = patched(fresh, markPatch(fresh, mark));
    expect(readDrainMark({ ...marked, taints: [dedicated] })).toBeUndefined();
  });

  it.each(["", "{", '{"cause":"whim"}'])(
    "is unreadable, and still a drain, with the annotation %j",
    (text) => {
      const marked = patched(fresh, markPatch(fresh, mark));
      const broken = { ...marked, annotations: { [DRAIN_ANNOTATION]: text } };
      expect(readDrainMark(broken)).toBeUndefined();
      expect(isDraining(broken)).toBe(true);
    },
  );
});
