import { describe, expect, it } from "vitest";
import { clusterToken } from "../../../shared/kubernetes/api/token.ts";

const request = {
  cluster: "main",
  region: "eu-central-1",
  credentials: async () => ({
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "secret",
    sessionToken: "a/b+c==",
  }),
  clock: { now: () => Date.UTC(2026, 2, 1, 12, 0, 0) },
};

const decoded = (token: string): URL =>
  new URL(Buffer.from(token.replace(/^k8s-aws-v1\./, ""), "base64url").toString());

describe("clusterToken", () => {
  it("is the prefix and unpadded base64url", async () => {
    expect(await clusterToken(request)).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  });

  it("is a presigned GetCallerIdentity to the regional STS, good for 60 seconds", async () => {
    const url = decoded(await clusterToken(request));
    expect(url.origin + url.pathname).toBe("https://sts.eu-central-1.amazonaws.com/");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: "GetCallerIdentity",
      Version: "2011-06-15",
      "X-Amz-Expires": "60",
      "X-Amz-Date": "20260301T120000Z",
      "X-Amz-Credential": "AKIDEXAMPLE/20260301/eu-central-1/sts/aws4_request",
      "X-Amz-Security-Token": "a/b+c==",
    });
  });

  it("signs the cluster's name, so that the token is good for this cluster only", async () => {
    const url = decoded(await clusterToken(request));
    expect(url.searchParams.get("X-Amz-SignedHeaders")).toBe("host;x-k8s-aws-id");
    const other = decoded(await clusterToken({ ...request, cluster: "other" }));
    expect(other.searchParams.get("X-Amz-Signature")).not.toBe(url.searchParams.get("X-Amz-Signature"));
  });

  it("goes to China's own domain there", async () => {
    expect(decoded(await clusterToken({ ...request, region: "cn-north-1" })).hostname).toBe(
      "sts.cn-north-1.amazonaws.com.cn",
    );
  });
});
