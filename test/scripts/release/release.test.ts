import { describe, expect, it } from "vitest";
import { answeredText, answerText } from "../../../scripts/release/answer.ts";
import { type Released, release, type Steps } from "../../../scripts/release/steps.ts";

const ANSWER = { name: "reflex-prod-check-sites", region: "eu-west-1", event: {}, answer: { ok: true } };
const GOOD = { ...ANSWER, failed: false };
const BAD = { ...ANSWER, failed: true, answer: "no permission\nto read" };

/** A release of stage prod: what became of it, the steps it took, and what a person read. */
async function released(over: Partial<Steps>) {
  const taken: string[] = [];
  const notes: string[] = [];
  const steps: Steps = {
    deploy: async () => true,
    smoke: async () => ({ ok: true, functions: [GOOD] }),
    newAlarms: async () => [],
    rollback: async () => true,
    ...over,
  };
  const noted = <T>(name: string, step: () => T) => {
    return () => {
      taken.push(name);
      return step();
    };
  };
  const { deploy, smoke, newAlarms, rollback } = steps;
  const became = await release(
    {
      deploy: noted("deploy", deploy),
      smoke: noted("smoke", smoke),
      newAlarms: noted("alarms", newAlarms),
      rollback: rollback && noted("rollback", rollback),
    },
    "prod",
    (text) => notes.push(text),
  );
  return { became, taken, notes };
}

const FAILED_SMOKE: Partial<Steps> = { smoke: async () => ({ ok: false, functions: [BAD] }) };
const BACK = "Going back to what was deployed to stage prod before …";

describe("a release", () => {
  it.each<[string, Partial<Steps>, Released, readonly string[], readonly string[]]>([
    [
      "that is well is not rolled back",
      {},
      { failed: null, functions: [GOOD], alarms: [], rollback: null },
      ["deploy", "smoke", "alarms"],
      [],
    ],
    [
      "that cannot be deployed asks nothing: CloudFormation has taken it back",
      { deploy: async () => false },
      { failed: "deploy", functions: [], alarms: [], rollback: null },
      ["deploy"],
      [],
    ],
    [
      "whose functions fail is rolled back without a look at the alarms",
      FAILED_SMOKE,
      { failed: "smoke", functions: [BAD], alarms: [], rollback: "done" },
      ["deploy", "smoke", "rollback"],
      [BACK],
    ],
    [
      "after which alarms fire is rolled back, and names them",
      { newAlarms: async () => ["reflex-prod-a", "reflex-prod-b"] },
      { failed: "alarms", functions: [GOOD], alarms: ["reflex-prod-a", "reflex-prod-b"], rollback: "done" },
      ["deploy", "smoke", "alarms", "rollback"],
      ["In ALARM since the deploy: reflex-prod-a, reflex-prod-b.", BACK],
    ],
    [
      "whose roll-back fails says what the stage runs",
      { ...FAILED_SMOKE, rollback: async () => false },
      { failed: "smoke", functions: [BAD], alarms: [], rollback: "failed" },
      ["deploy", "smoke", "rollback"],
      [BACK, "The roll-back failed: stage prod runs what was just deployed."],
    ],
    [
      "that is the first has nothing to go back to",
      { ...FAILED_SMOKE, rollback: undefined },
      { failed: "smoke", functions: [BAD], alarms: [], rollback: "nothing-before" },
      ["deploy", "smoke"],
      ["Nothing was deployed to stage prod before: there is nothing to go back to."],
    ],
  ])("%s", async (_, steps, became, taken, notes) => {
    expect(await released(steps)).toEqual({ became, taken, notes });
  });
});

describe("an answer of a function, for a person", () => {
  it("says which failed and what it answered", () => {
    expect(answerText(BAD, "eu-west-1")).toBe(
      "FAILED  reflex-prod-check-sites  {}\n    no permission\n    to read\n",
    );
  });

  it("names the region where it is another than the stage's", () => {
    expect(answerText(GOOD, "us-east-1")).toBe(
      'ok  reflex-prod-check-sites in eu-west-1  {}\n    {\n      "ok": true\n    }\n',
    );
  });

  it("is counted at the end", () => {
    expect(answeredText([GOOD, BAD], "prod")).toBe("1 of 2 functions of stage prod answered.");
  });
});
