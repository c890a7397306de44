import { describe, expect, it } from "vitest";
import type { Call } from "../../../sandbox/endpoint/calls.ts";
import { notPermitted } from "../../../sandbox/iam/permissions.ts";
import { functionConfiguration } from "../../../sandbox/lambda/configuration.ts";
import { functionProperties } from "../lambda/packaged.ts";

const functions = [functionConfiguration("Function", functionProperties("a", { Role: "role-of-a" }))];

const iam = {
  statementsOf: (role: string) =>
    role === "role-of-a"
      ? [{ Effect: "Allow" as const, Action: ["cloudwatch:GetMetricData", "lambda:InvokeFunction"] }]
      : [],
};

const call = (service: string, operation: string, functionName?: string): Call => ({
  service,
  operation,
  at: 0,
  startedMs: 0,
  ...(functionName !== undefined && { functionName }),
});

describe("calls that AWS would refuse", () => {
  it("are those the function's role does not allow, each once", () => {
    const calls = [call("kinesis", "UpdateShardCount", "a"), call("kinesis", "UpdateShardCount", "a")];
    expect(notPermitted(calls, functions, iam)).toEqual(["a: kinesis:UpdateShardCount"]);
  });

  it("are named as IAM names them", () => {
    const calls = [call("monitoring", "GetMetricData", "a"), call("lambda", "Invoke", "a")];
    expect(notPermitted(calls, functions, iam)).toEqual([]);
  });

  it("are also those on another resource than the role names", () => {
    const roles = {
      statementsOf: () => [{ Effect: "Allow" as const, Action: "dynamodb:Query", Resource: "arn:mine" }],
    };
    const calls = ["arn:mine", "arn:other"].map((arn) => ({
      ...call("dynamodb", "Query", "a"),
      resources: [arn],
    }));
    expect(notPermitted(calls, functions, roles)).toEqual(["a: dynamodb:Query on arn:other"]);
  });

  it("are none of a client's outside", () => {
    expect(notPermitted([call("kinesis", "DeleteStream")], functions, iam)).toEqual([]);
  });
});
