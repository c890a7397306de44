import { describe, expect, it } from "vitest";
import type { Call } from "../../../sandbox/endpoint/calls.ts";
import type { Iam } from "../../../sandbox/iam/iam.ts";
import { notPermitted } from "../../../sandbox/iam/permissions.ts";
import { allows, type PolicyStatement } from "../../../sandbox/iam/policy.ts";
import { functionConfiguration } from "../../../sandbox/lambda/configuration.ts";
import { functionProperties } from "../lambda/packaged.ts";

const functions = [functionConfiguration("Function", functionProperties("a", { Role: "role-of-a" }))];

const iamWith = (...statements: readonly PolicyStatement[]): Pick<Iam, "allows"> => ({
  allows: (role, { action, resources }) => role === "role-of-a" && allows(statements, action, resources),
});

const iam = iamWith({ Effect: "Allow", Action: ["cloudwatch:GetMetricData", "lambda:InvokeFunction"] });

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
    const roles = iamWith({ Effect: "Allow", Action: "dynamodb:Query", Resource: "arn:mine" });
    const calls = ["arn:mine", "arn:other"].map((arn) => ({
      ...call("dynamodb", "Query", "a"),
      resources: [arn],
    }));
    expect(notPermitted(calls, functions, roles)).toEqual(["a: dynamodb:Query on arn:other"]);
  });

  it("are none of a client's outside", () => {
    expect(notPermitted([call("kinesis", "DeleteStream")], functions, iam)).toEqual([]);
  });

  it("are those of an action without a resource level, where the role names a resource", () => {
    const roles = iamWith({
      Effect: "Allow",
      Action: ["kinesis:ListStreams", "kinesis:ListShards"],
      Resource: "arn:aws:kinesis:us-east-1:000000000000:stream/*",
    });
    const calls = [call("kinesis", "ListStreams", "a"), call("kinesis", "ListShards", "a")];
    expect(notPermitted(calls, functions, roles)).toEqual(["a: kinesis:ListStreams"]);
  });
});
