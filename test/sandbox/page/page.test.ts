import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import { servePage } from "../../../sandbox/page/page.ts";
import type { State } from "../../../sandbox/page/state/state.ts";
import { DEFAULT_REGION } from "../../../sandbox/service.ts";
import { TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import { functionProperties, packaged } from "../lambda/packaged.ts";

const MINUTE = 60_000;
const START = Date.parse("2030-01-01T12:00:30Z");

const TEMPLATE = {
  Resources: {
    Stream: { Type: "AWS::Kinesis::Stream", Properties: { Name: "orders", ShardCount: 2 } },
    Function: { Type: "AWS::Lambda::Function", Properties: functionProperties("woken") },
    Alarm: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: "many-orders",
        Namespace: "AWS/Kinesis",
        MetricName: "IncomingRecords",
        Dimensions: [{ Name: "StreamName", Value: { Ref: "Stream" } }],
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 100,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
        AlarmActions: [{ "Fn::GetAtt": ["Function", "Arn"] }],
      },
    },
  },
};

let files: ReturnType<typeof packaged>;
/** One for all tests that leave it as it is; the others have their own. */
let shared: Account;
let account: Account;

beforeAll(async () => {
  files = packaged({ "functions/woken/handler.js": "exports.handler = async () => 'looked';" });
  writeFileSync(join(files.dir, TEMPLATE_FILE), JSON.stringify(TEMPLATE));
  shared = await started();
});

beforeEach(() => {
  account = shared;
});

afterAll(async () => {
  await shared?.stop();
  files.remove();
});

async function started(): Promise<Account> {
  const fresh = await startAccount({
    packageDir: files.dir,
    speed: 0,
    start: START,
    log: (line) => expect.unreachable(line),
  });
  servePage(fresh);
  return fresh;
}

async function state(query = ""): Promise<State> {
  return (await fetch(`${account.url}/_reflex/state${query}`)).json() as Promise<State>;
}

async function putTrace(document: object): Promise<void> {
  await account.xray.handle({
    method: "POST",
    path: "/TraceSegments",
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from(JSON.stringify({ TraceSegmentDocuments: [JSON.stringify(document)] })),
    region: DEFAULT_REGION,
  });
}

async function act(name: string, input: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${account.url}/_reflex/actions/${name}`, {
    method: "POST",
    headers: { origin: account.url, "content-type": "application/json", ...headers },
    body: JSON.stringify(input),
  });
  return { status: response.status, answer: await response.json() };
}

describe("the page", () => {
  it("may run its own script and style only, in no frame of another page", async () => {
    const response = await fetch(account.url);
    const html = await response.text();
    const hashOf = (tag: string) => {
      const [, content = ""] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html) ?? [];
      return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
    };
    const policy = response.headers.get("content-security-policy")?.split("; ");
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        `script-src ${hashOf("script")}`,
        `style-src ${hashOf("style")}`,
        "connect-src 'self'",
        "frame-ancestors 'none'",
      ]),
    );
  });

  it.each([
    ["GET /?Action=ListTopics", "/?Action=ListTopics", {}],
    [
      "POST / with an operation",
      "/",
      { method: "POST", headers: { "x-amz-target": "Kinesis_20131202.ListStreams" } },
    ],
    ["GET of another path", "/2015-03-31/functions/", {}],
  ])("leaves an AWS call that is not signed to AWS's own refusal: %s", async (_, path, init) => {
    const response = await fetch(`${account.url}${path}`, init);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("not signed (SigV4)");
  });
});

describe("the state", () => {
  it("has the account's streams, alarms and clock, and nothing of what the account has not", async () => {
    const { streams, clock, sites, clusters, tables, actions } = await state();
    expect({ clock, sites, clusters, tables }).toEqual({ clock: { now: START, speed: 0 } });
    expect(streams).toMatchObject([{ name: "orders", openShards: 2, alarms: [{ name: "many-orders" }] }]);
    expect(actions).toEqual(["send-burst", "deliver-alarm-twice", "advance-clock"]);
  });

  it("is read without a call that the account would count, or a fault would meet", async () => {
    account.calls.clear();
    const fault = account.faults.inject({ kind: "throttle", service: "kinesis" });
    onTestFinished(() => account.faults.clear());
    await state();
    expect([account.calls.all(), fault.hits()]).toEqual([[], 0]);
  });

  it("has a trace in full where it is asked for", async () => {
    const id = "1-00000001-000000000000000000000001";
    await putTrace({ id: "000000000000000a", name: "part", trace_id: id, start_time: 1, end_time: 2 });
    const { trace } = await state(`?trace=${id}`);
    expect(trace?.rows.map(({ name }) => name)).toEqual(["part"]);
  });
});

describe("a button", () => {
  beforeEach(async () => {
    account = await started();
  });
  afterEach(() => account.stop());

  it("sends a burst: some at once, all of it within its minutes", async () => {
    const { status, answer } = await act("send-burst", { stream: "orders", records: 100, minutes: 2 });
    expect([status, answer]).toEqual([
      200,
      { done: "orders: 9 of 100 records sent; the rest follows over 2 min." },
    ]);
    await account.clock.advance(2 * MINUTE);
    const records = (await state()).streams?.[0]?.records ?? [];
    expect(records.reduce((sum, each) => sum + each, 0)).toBe(100);
  });

  it("delivers an alarm twice, each time it is pressed", async () => {
    await act("deliver-alarm-twice", { alarm: "many-orders" });
    await account.clock.advance(0);
    await act("deliver-alarm-twice", { alarm: "many-orders" });
    await account.clock.advance(0);
    expect(account.lambda.invocations("woken")).toHaveLength(4);
  });

  it("moves the clock on", async () => {
    await act("advance-clock", { minutes: 5 });
    expect(account.clock.now() - START).toBe(5 * MINUTE);
  });
});

describe("a button that cannot do what it says", () => {
  it.each([
    [
      "send-burst",
      { stream: "orders", records: 0, minutes: 2 },
      400,
      "records: expected a whole number from 1 to 5000.",
    ],
    ["advance-clock", {}, 400, "minutes: expected a whole number from 1 to 60."],
    ["deliver-alarm-twice", { alarm: "none" }, 400, "There is no alarm none."],
    ["break-site", { site: "shop", behaviour: "failing" }, 404, "There is nothing here to break-site."],
    ["reboot", {}, 404, "There is nothing here to reboot."],
  ])("says what is wrong: %s with %j", async (name, input, status, problem) => {
    expect(await act(name, input)).toEqual({ status, answer: { problem } });
  });

  it("hands on what AWS says no to", async () => {
    const { status, answer } = await act("send-burst", { stream: "gone", records: 1, minutes: 1 });
    expect(status).toBe(502);
    expect(answer).toMatchObject({ problem: expect.stringMatching(/stream.*gone/i) });
  });

  it("does nothing for a page from elsewhere", async () => {
    const { status } = await act("advance-clock", { minutes: 5 }, { origin: "https://evil.example" });
    expect([status, account.clock.now()]).toEqual([403, START]);
  });
});
