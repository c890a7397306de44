import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, FUNCTION, sampleEvent, startTestRig, type TestRig } from "../setup/test-rig.ts";

const LOOKED = {
  streams: [{ stream: "sample", verdict: "on-target", action: "none" }],
  ignored: [],
  later: [],
};

function nothing(why: string) {
  return { streams: [], ignored: [expect.stringContaining(why)], later: [] };
}

/** What the function answers to each sample event in an account with the stream `sample`, without traffic. */
const ANSWERS: Readonly<Record<string, object>> = {
  "alarm-configuration-change": nothing("reflex-dev-stream-sample"),
  "alarm-contributor": nothing("contributor"),
  "alarm-direct": LOOKED,
  "alarm-eventbridge": LOOKED,
  "alarm-ok": LOOKED,
  "alarm-sns-metric-math": LOOKED,
  "alarm-sns-single-metric": LOOKED,
  "by-hand": LOOKED,
  "by-hand-observe": LOOKED,
  "composite-alarm": nothing("composite"),
  "muted-alarm": nothing("muted"),
  // Which streams are due depends on when it looked last.
  schedule: { ignored: [], later: [] },
};

/** What it says of those that hold something wrong, and whether it looks at `sample` all the same. */
const FAILURES: Readonly<Record<string, { says: string; looksAtSample: boolean }>> = {
  "alarm-sns-one-unreadable": { says: "record 0 of the SNS event is not JSON", looksAtSample: true },
  "alarm-sns-two-streams": { says: "names stream orders, which no entry", looksAtSample: true },
  unknown: { says: 'records from "aws:s3"', looksAtSample: false },
};

describe("the sample events of events/", () => {
  let deps: TestRig;
  beforeAll(async () => {
    deps = await startTestRig();
  });
  afterAll(() => deps.stop());

  test("are all in the two tables of this file", () => {
    const prefix = "reshard-streams-";
    const files = readdirSync(join(import.meta.dirname, "..", "..", "..", "events"));
    const ours = files.filter((file) => file.startsWith(prefix));
    const listed = [...Object.keys(ANSWERS), ...Object.keys(FAILURES)];
    expect(ours.sort()).toEqual(listed.map((name) => `${prefix}${name}.json`).sort());
  });

  test.each(Object.entries(ANSWERS))("%s is answered", async (name, answer) => {
    const run = await deps.account.lambda.invoke(FUNCTION, sampleEvent(`reshard-streams-${name}.json`));
    expect(answerOf(run)).toMatchObject(answer);
  });

  test.each(Object.entries(FAILURES))("%s is an error that says what", async (name, failure) => {
    const run = await deps.account.lambda.invoke(FUNCTION, sampleEvent(`reshard-streams-${name}.json`));
    expect(run.result).toMatchObject({
      ok: false,
      error: { errorType: "Misconfigured", errorMessage: expect.stringContaining(failure.says) },
    });
    const looks = deps.account.calls.where({ requestId: run.requestId, operation: "DescribeStreamSummary" });
    expect(looks).toHaveLength(failure.looksAtSample ? 1 : 0);
  });

  test("that are wrong are kept in the queue of failed events", async () => {
    const event = sampleEvent("reshard-streams-unknown.json");
    await deps.wake(event);
    const kept = deps.account.sqs.queue("reflex-dev-failed-events")?.messages().at(-1)?.body ?? "null";
    expect(JSON.parse(kept)).toMatchObject({
      requestPayload: event,
      responsePayload: { errorType: "Misconfigured" },
    });
  });
});
