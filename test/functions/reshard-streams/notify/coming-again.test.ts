import { expect, test } from "vitest";
import { comingAgain } from "../../../../functions/reshard-streams/notify/conditions.ts";
import type { Incident } from "../../../../shared/incidents/incident.ts";
import { history, MINUTE, NOW } from "../stream.ts";

const standing = (code: string, since = NOW - 30 * MINUTE, lastScaleOut?: number) => {
  const size: Incident = {
    ...{ key: "size", kind: "condition", id: "i", code, text: "it refuses", severity: "critical" },
    ...{ since, sequence: 1, causes: {} },
  };
  return history({
    incidents: { resource: "stream/orders", version: 1, incidents: { size }, waiting: [] },
    ...(lastScaleOut !== undefined && { lastScaleOut }),
  });
};
const found = (past: ReturnType<typeof history>, throttledInLookBack?: number) =>
  comingAgain({ evidence: throttledInLookBack === undefined ? {} : { throttledInLookBack } }, past).map(
    ({ code }) => code,
  );

test.each(["at-max", "resharding-does-not-help", "quota-spent", "on-demand"])(
  "%s stands while any refusal is in the look-back",
  (code) => {
    expect(found(standing(code), 1)).toEqual([code]);
    expect(found(standing(code), 0)).toEqual([]);
    expect(found(standing(code))).toEqual([]);
  },
);

test("it does not once a shard was added since, nor does any other matter, nor one that has not begun", () => {
  const code = "resharding-does-not-help";
  expect(found(standing(code, NOW - 30 * MINUTE, NOW - 10 * MINUTE), 1)).toEqual([]);
  expect(found(standing(code, NOW - 30 * MINUTE, NOW - 40 * MINUTE), 1)).toEqual([code]);
  expect(found(standing("hot-key"), 1)).toEqual([]);
  expect(found(history(), 1)).toEqual([]);
});
