import { describe, expect, it } from "vitest";
import { fits, podRequests, resources } from "../../../shared/kubernetes/resources.ts";

const requests = (milli: number) => ({ requests: { cpu: `${milli}m` } });
const asked = (...args: [containers: object[], inits?: object[], overhead?: object, own?: object]) => {
  const [containers, inits = [], overhead = {}, own = {}] = args;
  return podRequests(
    containers as never,
    inits as never,
    overhead as never,
    { requests: {}, limits: {}, ...own } as never,
    "pod a/b",
  );
};

describe("podRequests", () => {
  it("adds up the containers", () => {
    expect(asked([requests(100), requests(250)]).milliCpu).toBe(350);
  });

  it("takes the largest init container where it is more than the containers", () => {
    expect(asked([requests(100)], [requests(300), requests(200)]).milliCpu).toBe(300);
  });

  it("counts a sidecar beside the containers and beside the init containers after it", () => {
    const sidecar = { ...requests(50), sidecar: true };
    expect(asked([requests(100)], [sidecar]).milliCpu).toBe(150);
    expect(asked([requests(100)], [sidecar, requests(300)]).milliCpu).toBe(350);
    expect(asked([requests(100)], [requests(120), sidecar]).milliCpu).toBe(150);
  });

  it("adds the overhead of the runtime", () => {
    expect(asked([requests(100)], [], { cpu: "20m" }).milliCpu).toBe(120);
  });

  it("takes the pod's own request instead of its containers'", () => {
    expect(asked([requests(100)], [], { cpu: "5m" }, { requests: { cpu: "200m" } }).milliCpu).toBe(205);
  });

  it("counts a pod as one, and extended resources by their full name", () => {
    const gpu = asked([{ requests: { cpu: "1", "nvidia.com/gpu": "2", "ephemeral-storage": "1Gi" } }]);
    expect(gpu).toEqual({
      milliCpu: 1000,
      memory: 0,
      pods: 1,
      ephemeralStorage: 2 ** 30,
      extended: { "nvidia.com/gpu": 2 },
    });
  });
});

describe("fits", () => {
  const free = resources({ cpu: "1", memory: "1Gi", pods: "2" }, "node");

  it("takes what is exactly as large as the room", () => {
    expect(fits({ milliCpu: 1000, memory: 2 ** 30, pods: 1 }, free)).toBe(true);
  });

  it.each([
    ["cpu", { milliCpu: 1001, memory: 0, pods: 1 }],
    ["memory", { milliCpu: 0, memory: 2 ** 30 + 1, pods: 1 }],
    ["pods", { milliCpu: 0, memory: 0, pods: 3 }],
    ["an extended resource the node has not", { milliCpu: 0, memory: 0, pods: 1, extended: { "a/b": 1 } }],
  ])("refuses one unit too much of %s", (_, tooMuch) => {
    expect(fits(tooMuch, free)).toBe(false);
  });

  it("takes a pod that asks for nothing on an overcommitted node", () => {
    expect(fits({ milliCpu: 0, memory: 0, pods: 1 }, { milliCpu: -5, memory: -5, pods: 1 })).toBe(true);
  });
});
