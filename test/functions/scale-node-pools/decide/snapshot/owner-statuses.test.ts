import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import {
  judgePending,
  mergeOwners,
  ownerStatuses,
} from "../../../../../functions/scale-node-pools/decide/snapshot/pending-pods.ts";
import type { OwnerStatus } from "../../../../../functions/scale-node-pools/model/pool-status.ts";
import { MINUTE, NOW, shape } from "../../given.ts";
import { filled, one, pods } from "../scenarios/given.ts";

const HOUR = 60 * MINUTE;
const waiting = (owner: string | undefined, ageMs = HOUR, over = {}) =>
  pods(1, { ...(owner !== undefined && { owner }), createdAt: NOW - ageMs, ...over });
const recorded = (stuckSince: number, failures: number, until: number): OwnerStatus => ({
  stuckSince,
  failures,
  until,
});

describe("what is recorded of a workload", () => {
  test("of several is listed by name, whichever pod is listed first", () => {
    const placed = [...waiting("b"), ...waiting("a"), ...waiting(undefined)];
    expect(Object.keys(ownerStatuses({ c: recorded(0, 1, NOW + 1) }, placed, placed, NOW))).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  test.each([
    ["began when its back-off ended: it is in vain again", NOW - 5 * MINUTE, 2],
    ["began before that: its time begins anew", NOW - 5 * MINUTE - 1, 1],
  ])("stuck since a moment that %s", (_, stuckSince, failures) => {
    const owners = { web: recorded(stuckSince, 1, NOW - 5 * MINUTE) };
    expect(ownerStatuses(owners, waiting("web"), waiting("web"), NOW).web?.failures).toBe(failures);
  });

  test("is forgotten before its first back-off when its pods wait, but for a node and not for the scheduler", () => {
    expect(ownerStatuses({ web: recorded(NOW - HOUR, 0, 0) }, [], waiting("web"), NOW)).toEqual({});
  });

  test.each([
    [1, HOUR],
    [2, 2 * HOUR],
    [3, 4 * HOUR],
    [9, 24 * HOUR],
  ])("after %i nodes in vain is forgotten %i ms after the end of the back-off", (failures, lasts) => {
    const remembered = (ago: number) =>
      Object.keys(ownerStatuses({ web: recorded(0, failures, NOW - ago) }, [], [], NOW));
    expect([remembered(lasts - 1), remembered(lasts)]).toEqual([["web"], []]);
  });

  test("is kept while its pods wait, and not while those of others do", () => {
    const owners = { web: recorded(0, 1, NOW - 9 * HOUR) };
    expect(ownerStatuses(owners, [], waiting("web"), NOW)).toEqual(owners);
    expect(ownerStatuses(owners, [], [...waiting("api"), ...waiting(undefined)], NOW)).toEqual({});
  });

  test("by several pools is that of the longer back-off", () => {
    const [early, late, more] = [recorded(0, 1, 5), recorded(0, 1, 7), recorded(0, 2, 3)];
    for (const all of [
      [early, late, more],
      [more, early, late],
      [late, more, early],
    ]) {
      expect(mergeOwners(all.map((web) => ({ web })))).toEqual({ web: more });
    }
    expect(mergeOwners([{ web: late }, { web: early }])).toEqual({ web: late });
    expect(mergeOwners([{ web: early }, undefined, { web: late, api: early }])).toEqual({
      web: late,
      api: early,
    });
  });
});

describe("a pod for which no node is launched", () => {
  const excluded = (over: object, owners = {}) =>
    judgePending(waiting("web", MINUTE, over), [], owners, NOW).excluded.map(({ why }) => why);

  test("is one that waits for something else", () => {
    expect(excluded({ unplaceable: "its volume is in no zone of the cluster" })).toEqual([
      "its volume is in no zone of the cluster",
    ]);
    expect(excluded({ schedulerMessage: 'persistentvolumeclaim "data" not found' })).toEqual([
      'the scheduler says: persistentvolumeclaim "data" not found',
    ]);
    expect(excluded({ schedulerMessage: "0/3 nodes are available" })).toEqual([]);
  });

  test("is one whose workload has got nodes in vain, until its back-off ends", () => {
    const backedOff = (until: number) => ({ web: recorded(0, 1, until) });
    expect(excluded({}, backedOff(NOW + 1))).toEqual([
      "a node was launched for it in vain; none is before 12:00 UTC",
    ]);
    expect(excluded({}, backedOff(NOW))).toEqual([]);
    expect(excluded({ owner: undefined }, backedOff(NOW + 1))).toEqual([]);
  });
});

describe("a pod that has waited for an hour", () => {
  const owner = "default/ReplicaSet/web";
  const decided = (scenario: ReturnType<typeof one>) => decide(scenario.cluster, scenario.pools, NOW)[0];

  test("is not stuck while its place on a node that has refused it is made by preemption", () => {
    const nominated = pods(1, {
      ...{ owner, nominatedNode: "a1", createdAt: NOW - HOUR, shape: shape({ cpu: 1500 }) },
    });
    const old = { createdAt: NOW - 2 * HOUR };
    const scenario = one("", {
      sizes: [1],
      nodes: { a1: old },
      raw: { max: 1 },
      pods: (nodes) => [...filled(nodes, 1900), ...nominated],
    });
    expect(decided(scenario)?.status.owners).toBeUndefined();
  });

  test("is not stuck when it runs on a node that is being emptied", () => {
    const running = pods(1, { node: "a1", createdAt: NOW - HOUR, owner });
    const draining = { since: NOW - MINUTE, byScaler: true, isEnding: false };
    const scenario = one("", { sizes: [2], nodes: { a1: { draining } }, pods: running });
    expect(decided(scenario)?.status.owners).toBeUndefined();
  });

  test("may still be taken by a node that joined in the same second as the pod came", () => {
    const since = NOW - HOUR;
    const scenario = (createdAt: number) =>
      one("", { sizes: [1], nodes: { a1: { createdAt } }, pods: pods(1, { owner, createdAt: since }) });
    expect(decided(scenario(since))).toMatchObject({ from: 1, to: 1 });
    expect(decided(scenario(since - 1000))).toMatchObject({ from: 1, to: 2 });
  });

  test("is named together with those like it where no pool takes them", () => {
    const stuck = pods(2, { owner, createdAt: NOW - HOUR, shape: shape({ cpu: 64_000 }) });
    const scenario = one("", { sizes: [1], nodes: { a1: { createdAt: NOW - 2 * HOUR } }, pods: stuck });
    const warnings = decided(scenario)?.warnings.filter(({ code }) => code === "pods-unschedulable");
    expect(warnings?.map(({ text }) => text.replace(/ fit.*/, ""))).toEqual([
      "2 pods (default/web-1 and 1 more)",
    ]);
  });
});
