import { DescribeClusterCommand, EKSClient, ResourceNotFoundException } from "@aws-sdk/client-eks";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Authenticate } from "../../../sandbox/kubernetes/api-server/access.ts";
import { readEksToken } from "../../../sandbox/kubernetes/api-server/access.ts";
import { clusterAccess } from "../../../shared/kubernetes/api/connect.ts";
import { listNodes } from "../../../shared/kubernetes/node.ts";
import { Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import { type RunningCluster, startCluster } from "../../sandbox/kubernetes/a-cluster.ts";

const MINUTE = 60_000;

let running: RunningCluster;
let tokens: string[];
let now: number;
const clock = { now: () => now };
const eks = new EKSClient({
  region: "us-east-1",
  credentials: { accessKeyId: "AKID", secretAccessKey: "secret" },
});
const mocked = mockClient(eks);

beforeEach(async () => {
  now = Date.UTC(2026, 2, 1, 12, 0, 0);
  tokens = [];
  const authenticate: Authenticate = (token) => {
    tokens.push(token);
    return readEksToken(token) && { name: "function", rules: "all" };
  };
  running = await startCluster({ authenticate });
  const data = Buffer.from(running.certificate.ca).toString("base64");
  mocked.reset();
  mocked.on(DescribeClusterCommand, { name: "main" }).resolves({
    cluster: { status: "ACTIVE", endpoint: running.server.url, certificateAuthority: { data } },
  });
});
afterEach(() => running.stop());

describe("the access to a cluster", () => {
  it("comes from DescribeCluster and a token the cluster takes", async () => {
    const access = clusterAccess(eks, clock);
    expect(await listNodes(await access("main"))).toHaveLength(3);
    expect(readEksToken(tokens[0] ?? "")).toEqual({ accessKeyId: "AKID" });
  });

  it("asks for address and token once in ten minutes", async () => {
    const access = clusterAccess(eks, clock);
    for (const minutes of [0, 5, 9, 10, 12]) {
      now = Date.UTC(2026, 2, 1, 12, minutes, 0);
      await listNodes(await access("main"));
    }
    expect(mocked.calls()).toHaveLength(2);
    expect(new Set(tokens).size).toBe(2);
  });

  it("gets a new token for a run that lasts longer than the old one", async () => {
    const api = await clusterAccess(eks, clock)("main");
    await listNodes(api);
    now += 11 * MINUTE;
    await listNodes(api);
    expect(new Set(tokens).size).toBe(2);
  });

  it("says that a cluster does not exist", async () => {
    mocked
      .on(DescribeClusterCommand)
      .rejects(new ResourceNotFoundException({ message: "No cluster found for name: mian.", $metadata: {} }));
    const access = clusterAccess(eks, clock)("mian");
    await expect(access).rejects.toThrow(Misconfigured);
    await expect(access).rejects.toThrow('there is no EKS cluster "mian"');
  });

  it("comes again to a cluster that is still being created", async () => {
    mocked.on(DescribeClusterCommand).resolves({ cluster: { status: "CREATING" } });
    const access = clusterAccess(eks, clock)("main");
    await expect(access).rejects.toThrow(RetryLater);
    await expect(access).rejects.toThrow(/is CREATING and has no endpoint yet/);
  });
});
