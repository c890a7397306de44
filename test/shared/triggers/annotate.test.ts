import { describe, expect, it } from "vitest";
import { annotateTriggers } from "../../../shared/triggers/annotate.ts";

/** What stands on the trace of a run that these triggers woke. */
function annotations(...triggers: readonly { readonly kind: string; readonly alarmName?: string }[]) {
  const written: [string, unknown][] = [];
  expect(annotateTriggers(triggers, { annotate: (...one) => written.push(one) })).toBe(triggers);
  return written;
}

describe("a trace says what woke the run", () => {
  it.each([
    ["a schedule", [{ kind: "schedule" }], [["trigger", "schedule"]]],
    [
      "an alarm, by its name",
      [{ kind: "alarm", alarmName: "busy" }],
      [
        ["trigger", "alarm"],
        ["alarm", "busy"],
      ],
    ],
    [
      "several alarms in one event, each kind and name once",
      [
        { kind: "alarm", alarmName: "busy" },
        { kind: "nothing" },
        { kind: "alarm", alarmName: "slow" },
        { kind: "alarm", alarmName: "busy" },
      ],
      [
        ["trigger", "alarm nothing"],
        ["alarm", "busy slow"],
      ],
    ],
  ])("%s", (_, triggers, expected) => {
    expect(annotations(...triggers)).toEqual(expected);
  });
});
