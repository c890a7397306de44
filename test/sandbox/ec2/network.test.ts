import { describe, expect, it } from "vitest";
import { Network, type VpcConfig } from "../../../sandbox/ec2/network.ts";

const AWS = "http://127.0.0.1:4566";
const [CLUSTER, SITE] = [6443, 8080];

function network(endpoints: readonly string[] = []): Network {
  const made = new Network();
  made.vpc = {
    subnets: { "subnet-nat": "nat-gateway", "subnet-alone": "nowhere" },
    securityGroups: ["sg-1", "sg-2"],
    endpoints,
  };
  made.addPrivate(CLUSTER, () => ({ securityGroups: ["sg-1"], isPublic: true }));
  made.addPrivate(SITE, () => ({ securityGroups: ["sg-1"], isPublic: false }));
  return made;
}

const inSubnets = (...subnetIds: readonly string[]): VpcConfig => ({ subnetIds, securityGroupIds: ["sg-1"] });
const strangerIn = (...subnetIds: readonly string[]): VpcConfig => ({
  subnetIds,
  securityGroupIds: ["sg-2"],
});

describe("what a function's network leads to", () => {
  it.each([
    ["outside the VPC: all but what is private", undefined, { kind: "all-but", ports: [SITE] }],
    ["with a NAT gateway: all", inSubnets("subnet-nat"), { kind: "all-but", ports: [] }],
    [
      "with a NAT gateway in a group that nobody admits: what is public",
      strangerIn("subnet-nat"),
      { kind: "all-but", ports: [SITE] },
    ],
    [
      "with a subnet that leads nowhere: what admits it, and AWS by its endpoints",
      inSubnets("subnet-nat", "subnet-alone"),
      { kind: "only", ports: [4566, CLUSTER, SITE] },
    ],
    ["in a group that nobody admits: AWS", strangerIn("subnet-alone"), { kind: "only", ports: [4566] }],
  ])("%s", (_, vpc, reach) => {
    expect(network().reach(vpc, AWS)).toEqual(reach);
  });

  it("has the SDK's clients ask nobody where the service has no endpoint", () => {
    const variables = (...subnets: readonly string[]) =>
      network(["sns", "kinesis-streams"]).variables(inSubnets(...subnets));
    expect(variables("subnet-alone")).toMatchObject({ AWS_ENDPOINT_URL_CLOUDWATCH: "http://127.0.0.1:9" });
    expect(variables("subnet-alone")).not.toHaveProperty("AWS_ENDPOINT_URL_SNS");
    expect(variables("subnet-alone")).not.toHaveProperty("AWS_ENDPOINT_URL_KINESIS");
    expect(variables("subnet-nat")).toEqual({});
    expect(network().variables(undefined)).toEqual({});
  });

  it.each([
    [inSubnets("subnet-nat", "subnet-x"), "InvalidSubnetID.NotFound"],
    [{ subnetIds: ["subnet-nat"], securityGroupIds: ["sg-x"] }, "InvalidGroup.NotFound"],
  ])("cannot be %j", (vpc, code) => {
    expect(() => network().check(vpc)).toThrow(code);
    expect(() => network().check(inSubnets("subnet-nat"))).not.toThrow();
  });
});
