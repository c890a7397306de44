import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Invocation } from "../../../sandbox/lambda/function.ts";
import { segmentsOf, type Trace, type TraceSegment } from "../../../sandbox/xray/traces.ts";
import { alarmEvent, metricsAtOnce, sampleEvent, startTestRig, type TestRig } from "../setup/test-rig.ts";
import { lostIn, treeOf } from "../traces/tree.ts";

const CONFIG =
  'streams: { "*": { max: 2, shardCapacity: { recordsPerSecond: 0.15 }, scaleOutAt: 0.85, scaleInCooldownMinutes: 1440 } }';

/** A trace once it is whole: Lambda sends its segments, and the function its `run` last, each on their own way. */
async function traceOf(run: Invocation | undefined): Promise<Trace> {
  const id = /Root=([^;]+)/.exec(run?.traceHeader ?? "")?.[1] ?? "no trace";
  return deps.account.xray.waitFor(id, (trace) => {
    const names = trace.documents.map(({ name }) => name);
    const lambdas = names.filter((name) => name === FUNCTION_SEGMENT).length;
    return lambdas === 2 && names.includes("run") && lostIn(trace).length === 0;
  });
}

const FUNCTION_SEGMENT = "reflex-dev-reshard-streams";

function isClosed({ end_time, in_progress }: TraceSegment): boolean {
  return end_time !== undefined && in_progress !== true;
}

let deps: TestRig;
beforeAll(async () => {
  deps = await startTestRig({ config: CONFIG, ...metricsAtOnce });
});
afterAll(() => deps.stop());

describe("the trace of a run", () => {
  test("to which DynamoDB says that another run has the lease has that as an answer and no fault", async () => {
    await deps.createStream("taken");
    await deps.put("taken", 10);
    deps.account.faults.inject({ kind: "crash-after", service: "dynamodb", operation: "UpdateItem" });
    await deps.wake(alarmEvent("taken"));
    await deps.wake(alarmEvent("taken"));
    const segments = segmentsOf(await traceOf(deps.runs().at(-1)));
    const answers = segments.flatMap(({ annotations }) => annotations?.answer ?? []);
    expect(new Set(answers)).toEqual(new Set(["ConditionalCheckFailedException"]));
    expect(segments.filter(({ fault, error }) => fault || error)).toEqual([]);
  });

  test("whose AWS call fails shows the fault at that call, and is closed all the same", async () => {
    await deps.createStream("fails");
    deps.account.faults.inject({
      kind: "server-error",
      service: "kinesis",
      operation: "ListShards",
      times: 4,
    });
    await deps.wake(alarmEvent("fails"));
    deps.account.faults.clear();
    const segments = segmentsOf(await traceOf(deps.runs().at(-1)));
    expect(segments.filter((segment) => !isClosed(segment))).toEqual([]);
    expect(segments.filter(({ fault }) => fault).map(({ name }) => name)).toContain("Kinesis");
  });

  test("that has nothing to do is the run and no more", async () => {
    await deps.wake(sampleEvent("reshard-streams-composite-alarm.json"));
    const trace = await traceOf(deps.runs().at(-1));
    expect(
      treeOf(trace)
        .split("\n")
        .map((line) => line.trim()),
    ).toEqual([FUNCTION_SEGMENT, FUNCTION_SEGMENT, "run { requestId, trigger=nothing }"]);
  });
});
