import { describe, expect, it } from "vitest";
import { nextStep } from "../../../shared/approvals/next-step.ts";
import type { AskedStep } from "../../../shared/approvals/permit.ts";
import type { History, KeptDecision } from "../../../shared/ledger/entry.ts";
import { type Decided, type Done, keepVerdict } from "../../../shared/ledger/keep-verdict.ts";
import { aRun } from "../../node-pools/run.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const CLOCK = { now: () => NOW, sleep: async () => {} };
const PAUSE: Done = { scope: "all", at: NOW - 1, until: NOW + 1, by: "anna", why: "a deploy" };

const ASKED = nextStep(
  { what: "UpdateShardCount", direction: "out", from: 2, to: 3, text: "2 -> 3", reasons: [], evidence: {} },
  {
    ...{ resource: "stream/a", automation: "reshard-streams", trigger: "schedule" },
    ...{ standing: undefined, isUsed: () => false, askForMs: 60_000, now: NOW },
  },
) as AskedStep;

const decided = (verdict: string, changes: boolean): Decided => ({
  ...{ at: NOW, verdict, changes, reasons: ["2 shards carry it"] },
  ...{ evidence: { openShards: 2 }, trigger: "schedule" },
});

const kept = (verdict: string, held?: KeptDecision["held"]): KeptDecision => ({
  ...{ at: NOW, automation: "reshard-streams", verdict, reasons: ["2 shards carry it"] },
  ...{ evidence: { openShards: 2 }, trigger: "schedule", ...(held && { held }) },
});

/** What is kept where this was decided and done, and warnings. */
async function keeps(decision: Decided, done: Done, last?: KeptDecision, fails?: Error, traceId?: string) {
  const history: History = {
    resource: "stream/a",
    version: 0,
    entries: [],
    ...(last && { lastDecision: last }),
  };
  const written: unknown[] = [];
  const warnings: unknown[] = [];
  const annotated: unknown[] = [];
  const run = aRun("reshard-streams", CLOCK);
  await keepVerdict(
    history,
    decision,
    done,
    {
      ...run,
      traceId,
      log: Object.assign(Object.create(run.log), { warn: (...said: unknown[]) => warnings.push(said) }),
      stage: (name, body) =>
        body({ annotate: (...said) => annotated.push([name, ...said]), metadata: () => {} }),
    },
    {
      keepDecision: async (resource, one) => {
        if (fails) throw fails;
        written.push([resource, one]);
      },
    },
  );
  return { written, warnings, annotated };
}

describe("a decision is kept for `reflex why`", () => {
  it.each<[string, Decided, Done, KeptDecision]>([
    ["that changes nothing", decided("on-target", false), "nothing", kept("on-target")],
    ["that was acted on", decided("scale-out", true), "acted", kept("scale-out")],
    ["that mode observe held", decided("scale-out", true), "nothing", kept("scale-out", "observe")],
    ["that a pause held", decided("scale-out", true), PAUSE, kept("scale-out", "paused")],
    ["that a person is asked", decided("scale-out", true), ASKED, kept("scale-out", "ask")],
  ])("%s", async (_, decision, done, expected) => {
    expect((await keeps(decision, done)).written).toEqual([["stream/a", expected]]);
  });

  it("with the trace in which it was come to, in a stage that names the resource", async () => {
    const { written, annotated } = await keeps(
      decided("on-target", false),
      "nothing",
      undefined,
      undefined,
      "1-2",
    );
    expect(written).toEqual([["stream/a", { ...kept("on-target"), traceId: "1-2" }]]);
    expect(annotated).toEqual([["keep", "resource", "stream/a"]]);
  });

  it.each<[string, KeptDecision, number]>([
    ["not again while it is the same", kept("scale-out", "observe"), 0],
    ["when it is another", kept("on-target"), 1],
    ["when something else holds it", kept("scale-out", "paused"), 1],
    ["when it is not held any more, or only now", kept("scale-out"), 1],
  ])("%s", async (_, last, times) => {
    expect((await keeps(decided("scale-out", true), "nothing", last)).written).toHaveLength(times);
  });

  it("or a warning says why it is not, and the work goes on", async () => {
    const error = Object.assign(new Error("no"), { name: "AccessDeniedException" });
    const { warnings } = await keeps(decided("on-target", false), "nothing", undefined, error);
    expect(warnings).toEqual([
      [
        expect.stringMatching(/^dynamodb:PutItem for stream\/a failed with AccessDenied/),
        { resource: "stream/a" },
      ],
    ]);
  });
});
