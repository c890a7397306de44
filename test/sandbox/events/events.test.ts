import { describe, expect, onTestFinished, test } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import type { BusEvent } from "../../../sandbox/deliveries.ts";
import { createEvents } from "../../../sandbox/events/events.ts";
import { recordDeliveries } from "../recorded-deliveries.ts";

const START = Date.UTC(2026, 10, 21, 10, 0, 0);
const MINUTE = 60_000;
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:sweep";
const TOPIC = "arn:aws:sns:us-east-1:000000000000:notices";
const RULE = "arn:aws:events:us-east-1:000000000000:rule/sweep";

function eventsAt() {
  const errors: unknown[] = [];
  const clock = createClock({ speed: 0, start: START, onError: (error) => errors.push(error) });
  const deliveries = recordDeliveries();
  const events = createEvents({ clock, deliveries });
  onTestFinished(clock.stop);
  return {
    clock,
    deliveries,
    events,
    errors,
    /** Calls an operation as a client does, by AWS JSON 1.1. */
    async call(operation: string, input: object) {
      const response = await events.handle({
        method: "POST",
        path: "/",
        query: new URLSearchParams(),
        headers: { "x-amz-target": `AWSEvents.${operation}`, "content-type": "application/x-amz-json-1.1" },
        body: Buffer.from(JSON.stringify(input)),
        region: "us-east-1",
      });
      return { status: response.status, ...JSON.parse(String(response.body)) };
    },
  };
}

const everyMinute = { Name: "sweep", ScheduleExpression: "rate(1 minute)" };
const toFunction = { Rule: "sweep", Targets: [{ Id: "1", Arn: FUNCTION }] };

const appEvent: BusEvent = {
  version: "0",
  id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
  "detail-type": "order",
  source: "app",
  account: "000000000000",
  time: "2026-11-21T10:00:00Z",
  region: "us-east-1",
  resources: ["arn:first", "arn:second"],
  detail: { "order id": 7, lines: [{ sku: "a" }, { sku: "b" }] },
};

describe("a schedule", () => {
  test("invokes its target every minute with the event AWS sends", async () => {
    const { call, clock, deliveries } = eventsAt();
    await call("PutRule", everyMinute);
    await call("PutTargets", toFunction);
    await clock.advance(2 * MINUTE);
    expect(deliveries.functions).toEqual(
      ["2026-11-21T10:01:00Z", "2026-11-21T10:02:00Z"].map((time) => ({
        arn: FUNCTION,
        event: {
          version: "0",
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          "detail-type": "Scheduled Event",
          source: "aws.events",
          account: "000000000000",
          time,
          region: "us-east-1",
          resources: [RULE],
          detail: {},
        },
      })),
    );
  });

  test("stops while it is disabled and starts again", async () => {
    const { call, clock, deliveries } = eventsAt();
    await call("PutRule", everyMinute);
    await call("PutTargets", toFunction);
    await call("DisableRule", { Name: "sweep" });
    await clock.advance(5 * MINUTE);
    expect(deliveries.functions).toHaveLength(0);
    await call("EnableRule", { Name: "sweep" });
    await clock.advance(MINUTE);
    expect(deliveries.functions).toHaveLength(1);
  });

  test("that is put again fires by the new expression only", async () => {
    const { call, clock, deliveries } = eventsAt();
    await call("PutRule", everyMinute);
    await call("PutTargets", toFunction);
    await call("PutRule", { ...everyMinute, ScheduleExpression: "rate(5 minutes)" });
    await clock.advance(10 * MINUTE);
    expect(deliveries.functions).toHaveLength(2);
  });

  test("goes on after a target that failed", async () => {
    const { call, clock, deliveries, errors } = eventsAt();
    await call("PutRule", everyMinute);
    await call("PutTargets", toFunction);
    deliveries.toFunction = () => Promise.reject(new Error("no such function"));
    await clock.advance(2 * MINUTE);
    expect(errors).toEqual([new Error("no such function"), new Error("no such function")]);
  });

  test("ends with its rule", async () => {
    const { call, clock, deliveries } = eventsAt();
    await call("PutRule", everyMinute);
    await call("PutTargets", toFunction);
    expect(await call("DeleteRule", { Name: "sweep" })).toMatchObject({
      status: 400,
      __type: "ValidationException",
    });
    await call("RemoveTargets", { Rule: "sweep", Ids: ["1"] });
    await call("DeleteRule", { Name: "sweep" });
    await clock.advance(2 * MINUTE);
    expect([deliveries.functions, (await call("ListRules", {})).Rules]).toEqual([[], []]);
  });
});

describe("a pattern", () => {
  async function routed(target: object) {
    const parts = eventsAt();
    await parts.call("PutRule", { Name: "sweep", EventPattern: '{"source":["app"]}' });
    await parts.call("PutTargets", { Rule: "sweep", Targets: [{ Id: "1", Arn: FUNCTION, ...target }] });
    return parts;
  }

  test("hands a matching event on as it is", async () => {
    const { events, deliveries } = await routed({});
    await events.put(appEvent);
    await events.put({ ...appEvent, source: "other" });
    expect(deliveries.functions).toEqual([{ arn: FUNCTION, event: appEvent }]);
  });

  test.each([
    ["$.detail", appEvent.detail],
    ["$.resources[1]", "arn:second"],
    ["$.detail.lines[0].sku", "a"],
    ["$.detail['order id']", 7],
    ["$.detail.gone.far", null],
  ])("hands on the part at %s", async (InputPath, expected) => {
    const { events, deliveries } = await routed({ InputPath });
    await events.put(appEvent);
    expect(deliveries.functions.map(({ event }) => event)).toEqual([expected]);
  });

  test("hands on a constant input", async () => {
    const { events, deliveries } = await routed({ Input: '{"stream":"orders"}' });
    await events.put(appEvent);
    expect(deliveries.functions.map(({ event }) => event)).toEqual([{ stream: "orders" }]);
  });

  test("publishes to a topic as text", async () => {
    const { events, deliveries } = await routed({ Arn: TOPIC, InputPath: "$.detail" });
    await events.put(appEvent);
    expect(deliveries.topics).toEqual([
      { arn: TOPIC, message: { message: JSON.stringify(appEvent.detail) } },
    ]);
  });

  test("sends to a queue as text", async () => {
    const queue = "arn:aws:sqs:us-east-1:000000000000:reflex-dev-deliveries";
    const { events, deliveries } = await routed({ Arn: queue, InputPath: "$.detail" });
    await events.put(appEvent);
    expect(deliveries.queues).toEqual([{ arn: queue, body: JSON.stringify(appEvent.detail) }]);
  });
});

test("a target gets what its transformer makes of the event", async () => {
  const { call, clock, deliveries } = eventsAt();
  await call("PutRule", { Name: "sweep", EventPattern: '{"source":["app"]}' });
  const InputPathsMap = { who: "$.detail.who", n: "$.detail.n" };
  const transform = (Id: string, InputTemplate: string) => ({
    Id,
    Arn: FUNCTION,
    InputTransformer: { InputPathsMap, InputTemplate },
  });
  const Targets = [transform("text", '"<who> has <n>"'), transform("json", '{"who":<who>,"n":<n>}')];
  await call("PutTargets", { Rule: "sweep", Targets });
  const Detail = JSON.stringify({ who: "Ada", n: 2 });
  await call("PutEvents", { Entries: [{ Source: "app", DetailType: "order", Detail }] });
  await clock.advance(0);
  expect(deliveries.functions.map(({ event }) => event)).toEqual(["Ada has 2", { who: "Ada", n: 2 }]);
});

describe("PutEvents", () => {
  const entry = { Source: "app", DetailType: "order", Detail: '{"n":1}' };

  test("puts the good entries and says what is wrong with the others", async () => {
    const { call, clock, deliveries } = eventsAt();
    await call("PutRule", { Name: "sweep", EventPattern: '{"source":["app"]}' });
    await call("PutTargets", toFunction);
    const Entries = [entry, { ...entry, Detail: "oops" }, { ...entry, Source: "aws.s3" }, { Source: "app" }];
    const answer = await call("PutEvents", { Entries });
    expect(answer).toMatchObject({
      FailedEntryCount: 3,
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: "MalformedDetail" },
        { ErrorCode: "NotAuthorizedForSourceException" },
        { ErrorCode: "InvalidArgument" },
      ],
    });
    await clock.advance(0);
    expect(deliveries.functions).toMatchObject([
      { event: { id: answer.Entries[0].EventId, source: "app", "detail-type": "order", detail: { n: 1 } } },
    ]);
  });

  test("puts on a bus that was created, by its name or its ARN", async () => {
    const { call, events } = eventsAt();
    const { EventBusArn } = await call("CreateEventBus", { Name: "mine" });
    for (const EventBusName of ["mine", EventBusArn]) {
      await call("PutEvents", { Entries: [{ ...entry, EventBusName }] });
    }
    expect(events.onBus("mine").map(({ detail }) => detail)).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test("refuses a bus that is not there", async () => {
    const { call } = eventsAt();
    const answer = await call("PutEvents", { Entries: [{ ...entry, EventBusName: "mine" }] });
    expect(answer).toMatchObject({ status: 400, message: expect.stringContaining("default event bus only") });
  });
});

describe("rules", () => {
  test("are described, listed by prefix and found by target", async () => {
    const { call } = eventsAt();
    await call("PutRule", everyMinute);
    await call("PutRule", { ...everyMinute, Name: "other" });
    await call("PutTargets", toFunction);
    const rule = { Name: "sweep", Arn: RULE, ScheduleExpression: "rate(1 minute)", State: "ENABLED" };
    expect(await call("DescribeRule", { Name: "sweep" })).toMatchObject(rule);
    expect((await call("ListRules", { NamePrefix: "sw" })).Rules).toMatchObject([rule]);
    expect((await call("ListTargetsByRule", { Rule: "sweep" })).Targets).toEqual([
      { Id: "1", Arn: FUNCTION },
    ]);
    expect((await call("ListRuleNamesByTarget", { TargetArn: FUNCTION })).RuleNames).toEqual(["sweep"]);
  });

  test.each([
    ["PutRule", { Name: "x" }, "needs ScheduleExpression or EventPattern"],
    ["PutRule", { Name: "x", EventPattern: "{oops" }, "it is no JSON"],
    ["PutRule", { Name: "x y", ScheduleExpression: "rate(1 minute)" }, 'Name: found "x y"'],
    ["DescribeRule", { Name: "gone" }, "Rule gone does not exist"],
    ["PutTargets", { Rule: "sweep", Targets: [{ Id: "1", Arn: "arn:aws:kinesis:s" }] }, "is not simulated"],
    [
      "PutTargets",
      { Rule: "sweep", Targets: [{ Id: "1", Arn: FUNCTION, InputTransformer: {} }] },
      "InputTransformer",
    ],
    [
      "PutTargets",
      { Rule: "sweep", Targets: [{ Id: "1", Arn: FUNCTION, Input: "oops" }] },
      "Input is no JSON",
    ],
    [
      "PutTargets",
      { Rule: "sweep", Targets: [{ Id: "1", Arn: FUNCTION, InputPath: "$..x" }] },
      'InputPath "$..x"',
    ],
  ])("%s refuses %j", async (operation, input, message) => {
    const { call } = eventsAt();
    await call("PutRule", everyMinute);
    expect((await call(operation, input)).message).toContain(message);
  });

  test("take none of the targets where one is refused", async () => {
    const { call } = eventsAt();
    await call("PutRule", everyMinute);
    await call("PutTargets", {
      Rule: "sweep",
      Targets: [...toFunction.Targets, { Id: "2", Arn: "arn:aws:kinesis:s" }],
    });
    expect((await call("ListTargetsByRule", { Rule: "sweep" })).Targets).toEqual([]);
  });
});

test("CloudFormation creates a rule with its pattern and targets", async () => {
  const { events, deliveries } = eventsAt();
  const created = await events.resources?.["AWS::Events::Rule"]?.("OrderRule", {
    EventPattern: { source: ["app"] },
    State: "ENABLED",
    Targets: [{ Id: "1", Arn: FUNCTION, RetryPolicy: { MaximumRetryAttempts: 2 } }],
  });
  expect(created).toMatchObject({
    ref: "OrderRule",
    attributes: { Arn: "arn:aws:events:us-east-1:000000000000:rule/OrderRule" },
    notSimulated: [`EventBridge's own retries and dead-letter queue for ${FUNCTION} (rule OrderRule).`],
  });
  await events.put(appEvent);
  expect(deliveries.functions).toHaveLength(1);
});
