import { describe, expect, it } from "vitest";
import { refusal } from "../../../../functions/drain-nodes/decide/admission.ts";
import type { GroupState } from "../../../../functions/drain-nodes/model/group.ts";

const group: GroupState = {
  name: "workers-a",
  min: 2,
  desired: 4,
  suspended: [],
  refreshing: false,
  instances: [{ id: "i-1", lifecycleState: "InService", protectedFromScaleIn: false, units: 1 }],
};
const why = (differences: Partial<GroupState> = {}, unitsLeaving = 0) =>
  refusal({ instanceId: "i-1", group: { ...group, ...differences }, unitsLeaving })?.text;

describe("the guards before a drain", () => {
  it("have nothing against a running instance above the minimum", () => {
    expect(why()).toBeUndefined();
  });

  it("refuse an instance that is in no group", () => {
    expect(refusal({ instanceId: "i-1", group: undefined, unitsLeaving: 0 })).toEqual({
      code: "no-group",
      text: "instance i-1 is in no Auto Scaling group",
    });
  });

  it("refuse an instance that has left the group", () => {
    expect(why({ instances: [] })).toBe("instance i-1 is not in group workers-a");
  });

  it.each(["Pending", "Terminating:Wait", "Standby", "Warmed:Stopped"])(
    "refuse an instance that is %s",
    (lifecycleState) => {
      expect(
        why({ instances: [{ id: "i-1", lifecycleState, protectedFromScaleIn: false, units: 1 }] }),
      ).toContain(lifecycleState);
    },
  );

  it("refuse an instance that is protected from scale-in", () => {
    expect(
      why({ instances: [{ id: "i-1", lifecycleState: "InService", protectedFromScaleIn: true, units: 1 }] }),
    ).toMatch(/protected/);
  });

  it("refuse where Terminate is suspended, and only for that process", () => {
    expect(why({ suspended: ["Terminate"] })).toMatch(/Terminate process suspended/);
    expect(why({ suspended: ["Launch", "AZRebalance"] })).toBeUndefined();
  });

  it("refuse during an instance refresh", () => {
    expect(why({ refreshing: true })).toMatch(/instance refresh/);
  });

  it("go down to the minimum and no further, counting those already leaving", () => {
    expect(why({}, 1)).toBeUndefined();
    expect(why({}, 2)).toMatch(/below its minimum of 2 \(desired 4, 2 already leaving\)/);
    expect(why({ min: 4 })).toMatch(/below its minimum/);
  });
});
