import { expect, test } from "vitest";
import { setAside } from "../../../../functions/drain-nodes/decide/instance-standing.ts";

const GONE = { code: "left-group", text: "instance i-1 is in no group any more" };
const STANDBY = { code: "not-in-service", text: "somebody has put instance i-1 into standby" };
const ends = (state: string) => ({
  code: "terminating",
  text: `AWS terminates instance i-1 already (${state})`,
});

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
test.each([
  [undefined, GONE],
  ["Detaching", GONE],
  ["Detached", GONE],
  ["Terminating", ends("Terminating")],
  ["Terminating:Wait", ends("Terminating:Wait")],
  ["Terminated", ends("Terminated")],
  ["EnteringStandby", STANDBY],
  ["Standby", STANDBY],
  ["InService", undefined],
  ["Pending", undefined],
])("a drain of an instance that is %s ends or goes on", (state, why) => {
  expect(setAside("i-1", state, { ready: true })).toStrictEqual(why);
});

test.each([undefined, "Detached"])(
  "a drain goes on when the instance is gone (%s) with its node",
  (state) => {
    expect(setAside("i-1", state, { ready: false })).toBeUndefined();
  },
);
