import { describe, expect, it } from "vitest";
import { groupRemovalReason } from "../../../../shared/node-pools/removal-rules/group-rules.ts";
import { instanceRemovalReason } from "../../../../shared/node-pools/removal-rules/instance-rules.ts";
import type {
  RemovableInstance,
  ShrinkableGroup,
} from "../../../../shared/node-pools/removal-rules/removal-rule.ts";

const group: ShrinkableGroup = { name: "workers", min: 2, desired: 6, suspended: [], refreshing: false };
const instance: RemovableInstance = {
  id: "i-1",
  state: "InService",
  inService: true,
  healthy: true,
  protectedFromScaleIn: false,
};

describe("an instance", () => {
  const why = (differences: Partial<RemovableInstance>) =>
    instanceRemovalReason("i-1", { ...instance, ...differences }, "workers")?.code;

  it("may go while it is healthy and in service", () => {
    expect(why({})).toBeUndefined();
  });

  it.each([
    ["instance-not-in-service", { inService: false, state: "Terminating:Wait" }],
    ["instance-not-in-service", { healthy: false }],
    ["scale-in-protected", { protectedFromScaleIn: true }],
  ] as const)("stays: %s", (code, differences) => {
    expect(why(differences)).toBe(code);
  });

  it("that the group does not have is none to remove", () => {
    expect(instanceRemovalReason("i-1", undefined, "workers")?.code).toBe("instance-not-in-group");
  });
});

describe("a group", () => {
  const why = (differences: Partial<ShrinkableGroup>, units = 1, unitsLeaving = 0) =>
    groupRemovalReason({ ...group, ...differences }, { units, unitsLeaving })?.code;

  it.each([
    ["terminate-suspended", { suspended: ["Terminate"] }],
    ["instance-refresh", { refreshing: true }],
    ["group-at-min", { desired: 2 }],
  ] as const)("keeps its size: %s", (code, differences) => {
    expect(why(differences)).toBe(code);
  });

  it("shrinks to its min and no further, in capacity units, with those already leaving", () => {
    expect(why({}, 4)).toBeUndefined();
    expect(why({}, 5)).toBe("group-at-min");
    expect(why({}, 2, 2)).toBeUndefined();
    expect(why({}, 2, 3)).toBe("group-at-min");
  });
});
