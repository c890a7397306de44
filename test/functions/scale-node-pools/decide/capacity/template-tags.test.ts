import { describe, expect, test } from "vitest";
import {
  taggedAllocatable,
  templateTags,
} from "../../../../../functions/scale-node-pools/decide/capacity/template-tags.ts";
import { GIB } from "../../given.ts";

const TEMPLATE = "k8s.io/cluster-autoscaler/node-template";

describe("the tags of a group", () => {
  test("that are not about its next node say nothing", () => {
    expect(templateTags({ Name: "workers", "k8s.io/cluster-autoscaler/enabled": "true" })).toStrictEqual({
      ...{ labels: {}, taints: [], extended: {} },
      ...{ milliCpu: undefined, memory: undefined, ephemeralStorage: undefined, pods: undefined },
    });
  });

  test("say each what their kind says, and nothing of another kind", () => {
    const tags = {
      [`${TEMPLATE}/label/disk`]: "ssd",
      [`${TEMPLATE}/label/example.com/team`]: "a",
      [`${TEMPLATE}/taint/dedicated`]: "web:NoSchedule",
      [`${TEMPLATE}/resources/cpu`]: "3500m",
      [`${TEMPLATE}/resources/memory`]: "8Gi",
      [`${TEMPLATE}/resources/ephemeral-storage`]: "20Gi",
      [`${TEMPLATE}/resources/pods`]: "58",
      [`${TEMPLATE}/resources/nvidia.com/gpu`]: "2",
      [`${TEMPLATE}/resources/example.com/unreadable`]: "two",
      [`${TEMPLATE}/autoscaling-options/scaledownunneededtime`]: "10m",
    };
    expect(templateTags(tags)).toStrictEqual({
      labels: { disk: "ssd", "example.com/team": "a" },
      taints: [{ key: "dedicated", value: "web", effect: "NoSchedule" }],
      ...{ milliCpu: 3500, memory: 8 * GIB, ephemeralStorage: 20 * GIB, pods: 58 },
      extended: { "nvidia.com/gpu": 2 },
    });
  });

  test.each([
    ["web:NoSchedule", [{ value: "web", effect: "NoSchedule" }]],
    [":NoExecute", [{ effect: "NoExecute" }]],
    ["NoSchedule", [{ effect: "NoSchedule" }]],
    ["a:b:PreferNoSchedule", [{ value: "a:b", effect: "PreferNoSchedule" }]],
    ["web:Never", []],
    ["", []],
  ])("read the taint %j", (tag, taints) => {
    expect(templateTags({ [`${TEMPLATE}/taint/dedicated`]: tag }).taints).toStrictEqual(
      taints.map((taint) => ({ key: "dedicated", ...taint })),
    );
  });
});

describe("what a node has by its tags", () => {
  const none = templateTags({});

  test("is what is known without them where they do not say", () => {
    const known = { milliCpu: 1, memory: 2, pods: 3 };
    expect(taggedAllocatable(known, none)).toStrictEqual(known);
    const more = { ...known, ephemeralStorage: 4, extended: { gpu: 1 } };
    expect(taggedAllocatable(more, none)).toStrictEqual(more);
    expect(taggedAllocatable(undefined, none)).toBeUndefined();
  });

  test("is what they say, and the kubelet's own number of pods where nobody says", () => {
    const tagged = { ...none, milliCpu: 10, memory: 20, ephemeralStorage: 40, extended: { tpu: 1 } };
    expect(taggedAllocatable(undefined, tagged)).toStrictEqual({
      ...{ milliCpu: 10, memory: 20, pods: 110, ephemeralStorage: 40, extended: { tpu: 1 } },
    });
  });
});
