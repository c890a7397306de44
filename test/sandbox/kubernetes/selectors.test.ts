import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../sandbox/kubernetes/object.ts";
import { fieldSelector, labelSelector } from "../../../sandbox/kubernetes/selectors.ts";

const pod: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "a",
    namespace: "n",
    uid: "u",
    resourceVersion: "1",
    creationTimestamp: "",
    labels: { app: "web", tier: "front" },
  },
  spec: { nodeName: "node-1" },
  status: { phase: "Running" },
};

describe("a label selector", () => {
  it.each([
    "app=web",
    "app==web",
    "app!=db",
    "app in (db, web)",
    "app notin (db)",
    "app",
    "!gone",
    "app=web,tier=front",
    "app in (web),tier",
    "",
  ])("takes it with %j", (text) => {
    expect(labelSelector(text)(pod)).toBe(true);
  });

  it.each(["app=db", "app!=web", "app in (db)", "app notin (db,web)", "gone", "!app", "app=web,tier=back"])(
    "leaves it out with %j",
    (text) => {
      expect(labelSelector(text)(pod)).toBe(false);
    },
  );

  it("is refused when it cannot be read", () => {
    expect(() => labelSelector("a b c")).toThrow(/unable to parse requirement/);
  });
});

describe("a field selector", () => {
  it.each([
    "spec.nodeName=node-1",
    "metadata.name=a",
    "status.phase!=Failed",
    "spec.nodeName=node-1,status.phase=Running",
    "spec.unschedulable=false",
  ])("takes it with %j", (text) => {
    expect(fieldSelector(text)(pod)).toBe(true);
  });

  it.each(["spec.nodeName=", "spec.nodeName=node-2", "status.phase!=Running"])(
    "leaves it out with %j",
    (text) => {
      expect(fieldSelector(text)(pod)).toBe(false);
    },
  );

  it("is refused for a field Kubernetes does not select by", () => {
    expect(() => fieldSelector("spec.providerID=aws")).toThrow(/field label not supported: spec.providerID/);
  });
});
