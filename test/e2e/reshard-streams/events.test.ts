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

  test("can be followed by the same deploy, which finds nothing to do", async () => {
    expect(await updateStack(deps, deps.template)).toContain("No updates are to be performed.");
  });

  test("can be followed by a deploy of something else, which leaves the alarms alone", async () => {
    const before = await deps.alarms();
    const changed = JSON.parse(deps.template);
    changed.Resources.ReshardDashstreamsLambdaFunction.Properties.MemorySize = 768;
    expect(await updateStack(deps, JSON.stringify(changed))).toContain("<StackId>");
    await deps.minutes(0);
    const deployed = deps.account.lambda.configurations().find(({ name }) => name === FUNCTION);
    expect(deployed?.memoryMb).toBe(768);
    expect(await deps.alarms()).toEqual(before);
  });
});

/** CloudFormation's UpdateStack, which a deploy ends in. */
async function updateStack({ account }: TestRig, template: string): Promise<string> {
  const { buckets } = account.s3;
  if (!buckets.names().includes("deploys")) buckets.create("deploys");
  buckets.put("deploys", "template.json", Buffer.from(template));
  // Larger than a request may be: it is read from a bucket, as serverless has it.
  const TemplateURL = `${account.url}/deploys/template.json`;
  const scope = "sandbox/20261121/us-east-1/cloudformation/aws4_request";
  const answer = await fetch(account.url, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Action: "UpdateStack", StackName: "reflex-dev", TemplateURL }),
  });
  return answer.text();
}
