import { describe, expect, it } from "vitest";
import { checkExecutionRole } from "../../../sandbox/iam/execution-role.ts";
import { functionConfiguration } from "../../../sandbox/lambda/configuration.ts";
import { functionProperties } from "../lambda/packaged.ts";

const ROLE = "arn:aws:iam::000000000000:role/a";
const INTERFACES = ["CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"].map(
  (operation) => `ec2:${operation}`,
);

/** Creates a function whose role allows these actions. */
function create(properties: object, ...allowed: readonly string[]) {
  const configuration = functionConfiguration("F", functionProperties("a", { Role: ROLE, ...properties }));
  return () => checkExecutionRole(configuration, (_, action) => allowed.includes(action));
}

describe("a function", () => {
  it("needs nothing of its role that Lambda does not do for it", () => {
    expect(create({})).not.toThrow();
  });

  it.each([
    ["in a VPC", { VpcConfig: { SubnetIds: ["subnet-1"] } }, INTERFACES, "DeleteNetworkInterface on EC2"],
    [
      "that is traced",
      { TracingConfig: { Mode: "Active" } },
      ["xray:PutTraceSegments"],
      "PutTraceSegments on XRAY",
    ],
    [
      "with a dead-letter queue",
      { DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:000000000000:q" } },
      ["sqs:SendMessage"],
      "SendMessage on SQS",
    ],
    [
      "with a dead-letter topic",
      { DeadLetterConfig: { TargetArn: "arn:aws:sns:us-east-1:000000000000:t" } },
      ["sns:Publish"],
      "Publish on SNS",
    ],
  ])("%s cannot be created by a role without that", (_, properties, needed, message) => {
    expect(create(properties, ...needed)).not.toThrow();
    expect(create(properties, ...needed.slice(0, -1))).toThrow(
      `The provided execution role does not have permissions to call ${message}`,
    );
  });

  it("in a VPC without subnets has no interfaces", () => {
    expect(create({ VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } })).not.toThrow();
  });
});
