import { expect, it } from "vitest";
import { takenBackStatus } from "../../../../../functions/scale-node-pools/decide/scale-in/taken-back.ts";
import type { TakenBackStatus } from "../../../../../functions/scale-node-pools/model/pool-status.ts";
import { MINUTE, NOW, pool } from "../../given.ts";

const HOUR = 60 * MINUTE;
const draining = { node: "a", instanceId: "i-a" };
const after = (
  takenBack: TakenBackStatus | undefined,
  uncordoned: readonly (typeof draining)[],
  byScaler = true,
) =>
  takenBackStatus(
    {
      pool: pool([], {}, { status: takenBack ? { takenBack } : {} }),
      members: [{ status: "draining", node: { name: "a", draining: { byScaler } } }] as never,
      now: NOW,
    },
    { uncordon: uncordoned, added: 0 },
  );

it.each([
  ["the first one", undefined, { failures: 1, until: NOW + 20 * MINUTE }],
  ["one more in a row", { failures: 2, until: NOW - 30 * MINUTE }, { failures: 3, until: NOW + 80 * MINUTE }],
  ["many in a row", { failures: 30, until: NOW }, { failures: 31, until: NOW + 4 * HOUR }],
])("after %s that is taken back, no node goes for twice as long", (_, last, next) => {
  expect(after(last, [draining])).toEqual(next);
});

it("what is taken back of a drain by somebody else is none, nor is another node", () => {
  expect(after(undefined, [draining], false)).toBeUndefined();
  expect(after(undefined, [{ node: "b", instanceId: "i-b" }])).toBeUndefined();
});

it("is forgotten as long after its end as it was", () => {
  const last = (minutesAgo: number) => ({ failures: 1, until: NOW - minutesAgo * MINUTE });
  expect(after(last(19), [])).toEqual(last(19));
  expect(after(last(20), [])).toBeUndefined();
});

it.each([
  ["soon after a scale-in, it is one that was taken back", { lastScaleInAt: NOW - 9 * MINUTE }, 1],
  ["long after a scale-in, it is growth", { lastScaleInAt: NOW - 10 * MINUTE }, undefined],
  ["without a scale-in, it is growth", {}, undefined],
  [
    "soon after a scale-in that is counted already, it is not counted twice",
    { lastScaleInAt: NOW - 9 * MINUTE, status: { takenBack: { failures: 1, until: NOW + 12 * MINUTE } } },
    1,
  ],
  [
    "soon after the next scale-in, it is one more in a row",
    { lastScaleInAt: NOW - 7 * MINUTE, status: { takenBack: { failures: 1, until: NOW + 12 * MINUTE } } },
    2,
  ],
])("where a node is launched %s", (_, times, failures) => {
  const state = { pool: pool([], {}, times), members: [], now: NOW };
  expect(takenBackStatus(state, { uncordon: [], added: 1 })?.failures).toBe(failures);
  expect(takenBackStatus(state, { uncordon: [], added: 0 })).toEqual(state.pool.status.takenBack);
});
