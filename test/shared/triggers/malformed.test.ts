import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { decodeTriggers } from "../../../shared/triggers/decode.ts";
import { changed, changedMessage, sample } from "./sample.ts";

describe("an event that is no trigger", () => {
  it.each([
    [undefined, /knows \(a undefined\): nothing was looked at/],
    [null, /knows \(a null\): nothing was looked at/],
    ["sample", /knows \(a string\): nothing was looked at/],
    [[{ stream: "sample" }], /knows \(a list of 1\): nothing was looked at/],
    [{}, /knows \(keys: none\): nothing was looked at/],
    [{ Records: [] }, /knows \(keys: Records\): nothing was looked at/],
    [{ Records: "many" }, /knows \(keys: Records\): nothing was looked at/],
    [{ Records: [null] }, /knows \(keys: Records\): nothing was looked at/],
    [{ Records: ["one"] }, /knows \(keys: Records\): nothing was looked at/],
    [{ Records: [{ eventSource: 7 }] }, /knows \(keys: Records\): nothing was looked at/],
    [{ Records: [{ EventSource: "aws:other" }] }, /\(keys: Records; records from "aws:other"\)/],
    [{ source: 7, Type: null }, /knows \(keys: source, Type\): nothing was looked at/],
    [{ source: "aws.s3", "detail-type": "Object Created" }, /source "aws.s3"; detail-type "Object Created"/],
    [{ source: "aws.cloudwatch", "detail-type": "CloudWatch Insights" }, /detail-type "CloudWatch Insights"/],
    [
      { Type: "SubscriptionConfirmation", Token: "2336" },
      /keys: Type, Token; Type "SubscriptionConfirmation"/,
    ],
    [{ Records: [{ eventSource: "aws:kinesis" }] }, /records from "aws:kinesis"/],
  ])("%j is an error that names what was seen", (event, seen) => {
    expect(() => decodeTriggers(event)).toThrow(seen);
  });

  it("is named without its values, which may be secret", () => {
    expect(() => decodeTriggers({ password: "swordfish" })).toThrow(/^(?!.*swordfish).*keys: password/);
  });

  it("says what it could have been, in the automation's own words", () => {
    expect(() => decodeTriggers({})).toThrow(/Known are a CloudWatch alarm by SNS, .* by hand$/);
    expect(() => decodeTriggers({}, "a tick")).toThrow(/Known are a tick$/);
  });

  it("is Misconfigured, whatever it is", () => {
    const parts = fc.constantFrom(
      "source",
      "detail-type",
      "detail",
      "Records",
      "alarmArn",
      "alarmData",
      "stream",
    );
    const event = fc.oneof(
      fc.anything(),
      fc.dictionary(parts, fc.oneof(fc.anything(), fc.constantFrom("aws.cloudwatch", "aws.events"))),
    );
    fc.assert(
      fc.property(event, (input) => {
        try {
          decodeTriggers(input);
        } catch (error) {
          expect(error).toBeInstanceOf(Misconfigured);
        }
      }),
    );
  });
});

describe("a known shape with something wrong in it", () => {
  it.each([
    [
      "an alarm state CloudWatch does not have",
      changed("alarm-direct", (event) => {
        event.alarmData.state.value = "PANIC";
      }),
      /alarm action .*alarmData\.state\.value/,
    ],
    [
      "an alarm without a name",
      changed("alarm-direct", (event) => {
        delete event.alarmData.alarmName;
      }),
      /alarmData\.alarmName/,
    ],
    [
      "a time that is none",
      changed("alarm-eventbridge", (event) => {
        event.detail.state.timestamp = "yesterday";
      }),
      /reflex-dev-stream-sample has the time "yesterday"/,
    ],
    [
      "a state change of no alarm",
      changed("alarm-eventbridge", (event) => {
        event.resources = [];
      }),
      /CloudWatch Alarm State Change event .*resources/,
    ],
    [
      "dimensions that are a list where a map is due",
      changed("alarm-eventbridge", (event) => {
        event.detail.configuration.metrics[1].metricStat.metric.dimensions = [{ name: "StreamName" }];
      }),
      /detail\.configuration\.metrics\.1\.metricStat\.metric\.dimensions/,
    ],
    [
      "a tick without a time",
      changed("schedule", (event) => {
        delete event.time;
      }),
      /scheduled event .*time/,
    ],
    [
      "a message without an alarm name",
      changedMessage("alarm-sns-metric-math", (message) => {
        delete message.AlarmName;
      }),
      /record 0 .*AlarmName/,
    ],
    [
      "a message that is no JSON",
      changed("alarm-sns-metric-math", (event) => {
        event.Records[0].Sns.Message = "Hello from the console";
      }),
      /record 0 .*is not JSON.*"Hello from the console"/,
    ],
    [
      "a record without a message",
      changed("alarm-sns-metric-math", (event) => {
        delete event.Records[0].Sns;
      }),
      /record 0 of the SNS event .*Sns/,
    ],
    ["a name that is no text", { stream: 7 }, /"stream": "<name>".*a number for stream/],
    [
      "a message that is JSON and no alarm",
      changed("alarm-sns-metric-math", (event) => {
        event.Records[0].Sns.Message = '"hello"';
      }),
      /^the message in record 0 of the SNS event is not of the documented form \(the whole: /,
    ],
    [
      "a message with a time that is none",
      changedMessage("alarm-sns-metric-math", (message) => {
        message.StateChangeTime = "yesterday";
      }),
      /^the message in record 0 of the SNS event has the time "yesterday"/,
    ],
    [
      "a mode that is no text",
      { site: "shop", mode: true },
      /mode: found true, expected "observe" or nothing/,
    ],
    [
      "a tick of no rule",
      changed("schedule", (event) => {
        event.resources = [];
      }),
      /^the scheduled event .*resources/,
    ],
    [
      "a tick at no time",
      changed("schedule", (event) => {
        event.time = "noon";
      }),
      /^the scheduled event has the time "noon", which is no ISO 8601 time$/,
    ],
    [
      "a tick with two things wrong",
      changed("schedule", (event) => {
        delete event.time;
        delete event.resources;
      }),
      /\(time: [^;]*; resources: [^;]*\): nothing was looked at$/,
    ],
    [
      "a message that is no text",
      changed("alarm-sns-metric-math", (event) => {
        event.Records[0].Sns.Message = 7;
      }),
      /^record 0 of the SNS event .*Sns\.Message/,
    ],
    [
      "a long message that is no JSON, of which the beginning is enough",
      changed("alarm-sns-metric-math", (event) => {
        event.Records[0].Sns.Message = "x".repeat(200);
      }),
      /begins "x{40}"\): nothing was looked at$/,
    ],
    ["an empty name", { stream: "" }, /"stream": "<name>"/],
    ["a second key beside the name", { stream: "sample", force: true }, /found the keys stream, force/],
  ])("%s is Misconfigured and the place is named", (_, event, place) => {
    expect(() => decodeTriggers(event)).toThrow(place);
    expect(() => decodeTriggers(event)).toThrow(Misconfigured);
  });
});

describe("an alarm's message with something wrong in its trigger", () => {
  const metric = (rest: object) => ({ Metrics: [{ MetricStat: { Metric: rest } }] });

  it.each([
    ["Trigger.Namespace", { Namespace: 7 }],
    ["Trigger.MetricName", { MetricName: 7 }],
    ["Trigger.Dimensions.0.name", { Dimensions: [{ name: 7, value: "v" }] }],
    ["Trigger.Dimensions.0.value", { Dimensions: [{ name: "n", value: 7 }] }],
    ["Trigger.Metrics.0.MetricStat.Metric", { Metrics: [{ MetricStat: {} }] }],
    ["Trigger.Metrics.0.MetricStat.Metric.Namespace", metric({ MetricName: "M" })],
    ["Trigger.Metrics.0.MetricStat.Metric.MetricName", metric({ Namespace: "N" })],
    [
      "Trigger.Metrics.0.MetricStat.Metric.Dimensions",
      metric({ Namespace: "N", MetricName: "M", Dimensions: 7 }),
    ],
  ])("names the place: %s", (place, trigger) => {
    const event = changedMessage("alarm-sns-single-metric", (message) => {
      message.Trigger = trigger;
    });
    expect(() => decodeTriggers(event)).toThrow(
      `the message in record 0 of the SNS event is not of the documented form (${place}: `,
    );
  });
});

describe("several records", () => {
  it("leave the good ones alone: each bad one is its own failure", () => {
    const event = sample("alarm-sns-two-streams");
    event.Records.push({ EventSource: "aws:sns" }, null);
    const kinds = decodeTriggers(event).map(({ kind }) => kind);
    expect(kinds).toEqual(["alarm", "alarm", "unreadable", "unreadable"]);
  });

  it("that are all bad are one error that names each", () => {
    const event = sample("alarm-sns-two-streams");
    for (const record of event.Records) record.Sns.Message = "?";
    expect(() => decodeTriggers(event)).toThrow(/record 0 .*; the message in record 1 /);
  });
});
