import { describe, expect, it } from "vitest";
import { patched, patchType } from "../../../sandbox/kubernetes/api-server/patch.ts";

const node = {
  metadata: { labels: { a: "1", b: "2" } },
  spec: { unschedulable: true, taints: [{ key: "x", effect: "NoSchedule" }] },
  status: {
    conditions: [
      { type: "Ready", status: "True" },
      { type: "Pressure", status: "False" },
    ],
  },
};

describe("a merge patch", () => {
  it("changes, adds and takes away keys, and replaces lists", () => {
    const patch = { metadata: { labels: { a: null, c: "3" } }, spec: { taints: [] } };
    expect(patched(node, patch, "merge")).toEqual({
      ...node,
      metadata: { labels: { b: "2", c: "3" } },
      spec: { unschedulable: true, taints: [] },
    });
  });

  it("leaves the object it was made from as it was", () => {
    const before = structuredClone(node);
    patched(node, { spec: { unschedulable: null } }, "merge");
    expect(node).toEqual(before);
  });
});

describe("a strategic merge patch", () => {
  it("merges conditions by their type", () => {
    const patch = { status: { conditions: [{ type: "Ready", status: "Unknown" }] } };
    expect(patched(node, patch, "strategic")).toMatchObject({
      status: {
        conditions: [
          { type: "Ready", status: "Unknown" },
          { type: "Pressure", status: "False" },
        ],
      },
    });
  });

  it("takes an entry away by $patch: delete", () => {
    const patch = { status: { conditions: [{ type: "Pressure", $patch: "delete" }] } };
    expect(patched(node, patch, "strategic")).toMatchObject({ status: { conditions: [{ type: "Ready" }] } });
  });

  it("replaces taints as a whole list, as Kubernetes does", () => {
    const taints = [{ key: "y", effect: "NoExecute" }];
    expect(patched(node, { spec: { taints } }, "strategic")).toMatchObject({ spec: { taints } });
  });
});

describe("a JSON patch", () => {
  it("adds, replaces, moves, copies and removes by pointer", () => {
    const patch = [
      { op: "test", path: "/metadata/labels/a", value: "1" },
      { op: "replace", path: "/metadata/labels/a", value: "9" },
      { op: "add", path: "/spec/taints/-", value: { key: "y" } },
      { op: "add", path: "/metadata/labels/x~1y", value: "slash" },
      { op: "move", from: "/metadata/labels/b", path: "/metadata/labels/moved" },
      { op: "copy", from: "/metadata/labels/a", path: "/metadata/labels/copied" },
      { op: "remove", path: "/spec/unschedulable" },
    ];
    expect(patched(node, patch, "json")).toMatchObject({
      metadata: { labels: { a: "9", "x/y": "slash", moved: "2", copied: "9" } },
      spec: { taints: [{ key: "x" }, { key: "y" }] },
    });
  });

  it.each([
    ["a test that does not hold", { op: "test", path: "/metadata/labels/a", value: "2" }],
    ["a place that is not there", { op: "replace", path: "/metadata/labels/z", value: "2" }],
    ["an operation that is none", { op: "invent", path: "/metadata" }],
  ])("is refused for %s", (_, operation) => {
    expect(() => patched(node, [operation], "json")).toThrow(/JSON patch/);
  });
});

describe("a patch's content type", () => {
  it("says how it is written", () => {
    expect(patchType("application/strategic-merge-patch+json; charset=utf-8")).toBe("strategic");
  });

  it("is refused when it is none of the three", () => {
    expect(() => patchType("application/apply-patch+yaml")).toThrow(/takes patches as/);
  });
});
