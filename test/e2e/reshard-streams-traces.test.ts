import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Invocation } from "../../sandbox/lambda/function.ts";
import { segmentsOf, type Trace, type TraceSegment } from "../../sandbox/xray/traces.ts";
import { alarmEvent, type House, sampleEvent, startHouse } from "./house.ts";

const CONFIG =
  'streams: { "*": { max: 2, shardCapacity: { recordsPerSecond: 0.15 }, scaleOutAt: 0.85, scaleInCooldownMinutes: 1440 } }';

/**
 * A trace once it is whole: what the function sends and what Lambda sends come each on their own way.
 *
 * @param parts the run's own subsegments
 * @param calls how many AWS calls it made
 */
async function traceOf(run: Invocation | undefined, parts: readonly string[], calls = 0): Promise<Trace> {
  const id = /Root=([^;]+)/.exec(run?.traceHeader ?? "")?.[1] ?? "no trace";
  return house.account.xray.waitFor(id, (trace) => {
    const closed = segmentsOf(trace).filter(isClosed);
    const count = (wanted: (segment: TraceSegment) => boolean) => closed.filter(wanted).length;
    return (
      count(({ name }) => name === FUNCTION_SEGMENT) === 2 &&
      count(({ namespace }) => namespace === "aws") >= calls &&
      parts.every((part) => count(({ name }) => name === part) > 0)
    );
  });
}

const FUNCTION_SEGMENT = "reflex-dev-reshard-streams";

function isClosed({ end_time, in_progress }: TraceSegment): boolean {
  return end_time !== undefined && in_progress !== true;
}

let house: House;
beforeAll(async () => {
  house = await startHouse({ config: CONFIG });
});
afterAll(() => house.stop());

describe("the trace of a run that acts", () => {
  let trace: Trace;
  let segments: TraceSegment[];
  const part = (name: string) => segments.find((segment) => segment.name === name);

  beforeAll(async () => {
    await house.createStream("acts");
    await house.put("acts", 10);
    await house.wake(alarmEvent("acts"));
    trace = await traceOf(house.runs().at(-1), ["observe", "decide", "act", "tell"], 9);
    segments = segmentsOf(trace);
  });

  test("is one tree: everything hangs below Lambda's own segment", () => {
    const ids = new Set(trace.documents.map(({ id }) => id));
    const roots = trace.documents.filter(({ parent_id }) => parent_id === undefined);
    const lost = trace.documents.filter(({ parent_id }) => parent_id !== undefined && !ids.has(parent_id));
    expect(roots.map(({ name }) => name)).toEqual([FUNCTION_SEGMENT]);
    expect(lost).toEqual([]);
  });

  test("has all of its segments closed and none of them a fault", () => {
    expect(segments.filter((segment) => !isClosed(segment))).toEqual([]);
    expect(segments.filter(({ fault, error, throttle }) => fault || error || throttle)).toEqual([]);
  });

  test.each([
    ["observe", { automation: "reshard-streams", resource: "stream/acts" }],
    [
      "decide",
      {
        automation: "reshard-streams",
        resource: "stream/acts",
        decision: "scale-out",
        trigger: "alarm",
        alarm: "reflex-dev-stream-acts",
      },
    ],
    ["act", { automation: "reshard-streams", resource: "stream/acts", decision: "scale-out" }],
    ["tell", { automation: "reshard-streams", resource: "stream/acts" }],
  ])("has the part %s with its annotations", (name, annotations) => {
    expect(part(name)?.annotations).toMatchObject(annotations);
  });

  test("has each AWS call in the part that made it", () => {
    const calls = (name: string) =>
      inside(part(name), trace)
        .map((segment) => segment.name)
        .sort();
    expect(calls("observe")).toEqual(["CloudWatch", "DynamoDB", "Kinesis", "Kinesis"]);
    expect(calls("act")).toEqual(["DynamoDB", "DynamoDB", "DynamoDB", "Kinesis"]);
    expect(calls("tell")).toEqual(["SNS"]);
  });
});

/** What hangs right below a subsegment: inside its document, or sent on its own. */
function inside(parent: TraceSegment | undefined, { documents }: Trace): TraceSegment[] {
  const apart = documents.filter(({ parent_id }) => parent_id !== undefined && parent_id === parent?.id);
  return [...(parent?.subsegments ?? []), ...apart];
}

describe("the trace of a run", () => {
  test("to which DynamoDB says that a condition failed has that as an answer and no fault", async () => {
    await house.createStream("at-max");
    await house.put("at-max", 10);
    await house.wake(alarmEvent("at-max"));
    await house.minutes(1);
    // Two shards are the most it may have: this is told once, and the second time the ledger says no.
    for (let time = 0; time < 2; time += 1) {
      await house.put("at-max", 30);
      await house.wake(alarmEvent("at-max"));
    }
    const segments = segmentsOf(await traceOf(house.runs().at(-1), ["decide"], 5));
    expect(segments.flatMap(({ annotations }) => annotations?.answer ?? [])).toEqual([
      "ConditionalCheckFailedException",
    ]);
    expect(segments.filter(({ fault, error }) => fault || error)).toEqual([]);
  });

  test("that finds another one acting has no fault either", async () => {
    await house.createStream("taken");
    await house.put("taken", 10);
    house.account.faults.inject({ kind: "crash-after", service: "dynamodb", operation: "UpdateItem" });
    await house.wake(alarmEvent("taken"));
    await house.wake(alarmEvent("taken"));
    const segments = segmentsOf(await traceOf(house.runs().at(-1), ["act"], 5));
    expect(segments.filter(({ fault, error }) => fault || error)).toEqual([]);
  });

  test("whose AWS call fails shows the fault at that call, and is closed all the same", async () => {
    await house.createStream("fails");
    house.account.faults.inject({
      kind: "server-error",
      service: "kinesis",
      operation: "ListShards",
      times: 4,
    });
    await house.wake(alarmEvent("fails"));
    house.account.faults.clear();
    const segments = segmentsOf(await traceOf(house.runs().at(-1), ["observe"]));
    expect(segments.filter((segment) => !isClosed(segment))).toEqual([]);
    expect(segments.filter(({ fault }) => fault).map(({ name }) => name)).toContain("Kinesis");
  });

  test("that has nothing to do is two segments of Lambda's and no more", async () => {
    await house.wake(sampleEvent("reshard-streams-composite-alarm.json"));
    const trace = await traceOf(house.runs().at(-1), []);
    expect(trace.documents.map(({ name }) => name)).toEqual([FUNCTION_SEGMENT, FUNCTION_SEGMENT]);
  });
});
