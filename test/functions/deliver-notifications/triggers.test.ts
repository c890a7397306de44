import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeTrigger } from "../../../functions/deliver-notifications/triggers/event.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";

const RECORD = {
  messageId: "m1",
  receiptHandle: "r1",
  body: "{}",
  attributes: { ApproximateReceiveCount: "3" },
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:deliveries",
};

describe("a batch of the queue", () => {
  it("is its queue and its messages, with how often each was received", () => {
    expect(decodeTrigger({ Records: [RECORD, { ...RECORD, messageId: "m2" }] })).toEqual({
      kind: "messages",
      queueArn: RECORD.eventSourceARN,
      messages: [
        { id: "m1", receipt: "r1", body: "{}", receives: 3 },
        { id: "m2", receipt: "r1", body: "{}", receives: 3 },
      ],
    });
  });

  it("may be empty", () => {
    expect(decodeTrigger({ Records: [] })).toEqual({ kind: "messages", queueArn: "", messages: [] });
  });

  it.each([
    [{ ...RECORD, eventSource: "aws:sns" }, "Records.0.eventSource"],
    [{ ...RECORD, attributes: {} }, "Records.0.attributes.ApproximateReceiveCount"],
    [{ ...RECORD, receiptHandle: undefined }, "Records.0.receiptHandle"],
  ])("with a record that is not a queue's is an error that names the place", (record, place) => {
    expect(() => decodeTrigger({ Records: [record] })).toThrow(Misconfigured);
    expect(() => decodeTrigger({ Records: [record] })).toThrow(
      new RegExp(`^the batch of the queue is not of the documented form \\(${place}: `),
    );
  });
});

describe("the test of a route", () => {
  it("sends, or says only what it would send", () => {
    expect(decodeTrigger({ route: "oncall" })).toEqual({ kind: "test", route: "oncall", mode: "act" });
    expect(decodeTrigger({ route: "oncall", mode: "observe" })).toEqual({
      ...{ kind: "test", route: "oncall", mode: "observe" },
    });
  });

  it.each([[{ route: 1 }], [{ route: "oncall", mode: "act" }], [{ route: "oncall", to: "me" }]])(
    "%j is not of the documented form",
    (event) => {
      expect(() => decodeTrigger(event)).toThrow(/^the test of a route is not of the documented form/);
    },
  );
});

it("an alarm's new configuration is known, and nothing is done about it", () => {
  const event = JSON.parse(readFileSync("events/reshard-streams-alarm-configuration-change.json", "utf8"));
  expect(decodeTrigger(event)).toEqual({ kind: "nothing" });
});

it.each([
  [null, "a null"],
  ["route", "a string"],
  [{ "detail-type": "Object Created" }, 'keys: detail-type; detail-type "Object Created"'],
  [{ why: "?" }, "keys: why"],
])("%j is an error that says what was seen", (event, seen) => {
  expect(() => decodeTrigger(event)).toThrow(Misconfigured);
  expect(() => decodeTrigger(event)).toThrow(
    `the event is neither a batch of the queue nor { "route": "<name>" } (${seen}): nothing was delivered`,
  );
});
