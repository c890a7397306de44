import { describe, expect, test } from "vitest";
import { patternOf } from "../../../sandbox/events/pattern.ts";

const alarm = {
  source: "aws.cloudwatch",
  "detail-type": "CloudWatch Alarm State Change",
  resources: ["arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders-hot", "arn:second"],
  detail: {
    alarmName: "orders-hot",
    state: { value: "ALARM" },
    size: 5,
    checks: [{ ok: true }, { ok: false }],
  },
};

describe("matches", () => {
  test.each([
    ["an exact value", { source: ["aws.ec2", "aws.cloudwatch"] }],
    ["every field named", { source: ["aws.cloudwatch"], detail: { state: { value: ["ALARM"] } } }],
    ["an element of a list", { resources: ["arn:second"] }],
    ["an object in a list", { detail: { checks: { ok: [false] } } }],
    ["prefix", { detail: { alarmName: [{ prefix: "orders-" }] } }],
    ["suffix", { detail: { alarmName: [{ suffix: "-hot" }] } }],
    ["wildcard", { resources: [{ wildcard: "arn:aws:cloudwatch:*:alarm:orders-*" }] }],
    ["equals-ignore-case", { detail: { alarmName: [{ "equals-ignore-case": "ORDERS-hot" }] } }],
    ["exists true", { detail: { alarmName: [{ exists: true }] } }],
    ["exists false", { detail: { muteDetail: [{ exists: false }] } }],
    ["anything-but a value", { source: [{ "anything-but": "aws.ec2" }] }],
    ["anything-but a list", { source: [{ "anything-but": ["aws.ec2", "aws.s3"] }] }],
    ["anything-but a prefix", { source: [{ "anything-but": { prefix: "app." } }] }],
    ["numeric", { detail: { size: [{ numeric: [">", 0, "<=", 5] }] } }],
    ["one of several conditions", { detail: { size: [1, { numeric: ["=", 5] }] } }],
    ["$or", { $or: [{ source: ["aws.ec2"] }, { detail: { size: [5] } }] }],
  ])("%s", (_, pattern) => {
    expect(patternOf(pattern)(alarm)).toBe(true);
  });
});

describe("does not match", () => {
  test.each([
    ["another value", { source: ["aws.ec2"] }],
    ["a field that is not there", { detail: { colour: ["red"] } }],
    ["one of two fields", { source: ["aws.cloudwatch"], detail: { size: [6] } }],
    ["a number as text", { detail: { size: ["5"] } }],
    ["exists true", { detail: { muteDetail: [{ exists: true }] } }],
    ["exists false", { detail: { alarmName: [{ exists: false }] } }],
    ["anything-but", { source: [{ "anything-but": ["aws.cloudwatch"] }] }],
    ["anything-but of a field that is not there", { detail: { colour: [{ "anything-but": "red" }] } }],
    ["anything-but a prefix", { source: [{ "anything-but": { prefix: "aws." } }] }],
    ["numeric at its bound", { detail: { size: [{ numeric: ["<", 5] }] } }],
    ["numeric on text", { detail: { alarmName: [{ numeric: [">", 0] }] } }],
    ["wildcard from its middle", { source: [{ wildcard: "cloud*" }] }],
    ["a value where an object is asked", { source: { name: ["x"] } }],
  ])("%s", (_, pattern) => {
    expect(patternOf(pattern)(alarm)).toBe(false);
  });
});

describe("an error names the place", () => {
  test.each([
    [{ detail: { ip: [{ cidr: "10.0.0.0/8" }] } }, "detail.ip: expected one of exists, prefix"],
    [{ detail: { n: [{ numeric: [">"] }] } }, "detail.n: the operator numeric does not take this"],
    [{ a: [{ prefix: "x", suffix: "y" }] }, "a: expected one of"],
    [{ source: "aws.ec2" }, 'source: expected an object that is not empty; found "aws.ec2"'],
    [{}, "the pattern: expected an object that is not empty"],
  ])("%j", (pattern, message) => {
    expect(() => patternOf(pattern)).toThrow(message);
  });
});
