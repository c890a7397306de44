import { describe, expect, it } from "vitest";
import { createCloudFront } from "../../../sandbox/cloudfront/cloudfront.ts";
import { createBuckets } from "../../../sandbox/s3/buckets.ts";
import { type AwsRequest, DEFAULT_REGION } from "../../../sandbox/service.ts";

async function start() {
  const buckets = createBuckets({ now: () => 0 });
  buckets.create("pages");
  const cloudfront = createCloudFront({ buckets, endpointUrl: () => "http://127.0.0.1:4566" });
  const DistributionConfig = {
    DefaultRootObject: "index.html",
    Origins: [{ DomainName: "pages.s3.us-east-1.amazonaws.com" }],
  };
  const created = await cloudfront.resources?.["AWS::CloudFront::Distribution"]?.("Page", {
    DistributionConfig,
  });
  return { buckets, cloudfront, created };
}
const get = (path: string): AwsRequest => ({
  method: "GET",
  path,
  query: new URLSearchParams(),
  headers: {},
  body: Buffer.alloc(0),
  region: DEFAULT_REGION,
});

describe("a distribution", () => {
  it("serves its bucket's objects with their type", async () => {
    const { buckets, cloudfront } = await start();
    buckets.put("pages", "status.json", Buffer.from("{}"), { "content-type": "application/json" });
    expect(cloudfront.serve(get("/cloudfront/page/status.json"))).toMatchObject({
      status: 200,
      headers: { "content-type": "application/json" },
      body: Buffer.from("{}"),
    });
  });

  it("serves the root object where no name is given", async () => {
    const { buckets, cloudfront } = await start();
    buckets.put("pages", "index.html", Buffer.from("hello"));
    expect(cloudfront.serve(get("/cloudfront/page/"))?.body).toEqual(Buffer.from("hello"));
  });

  it("says 404 for what is not in the bucket", async () => {
    const { cloudfront } = await start();
    expect(cloudfront.serve(get("/cloudfront/page/nothing"))?.status).toBe(404);
  });

  it("leaves alone what is for something else", async () => {
    const { cloudfront } = await start();
    expect([cloudfront.serve(get("/")), cloudfront.serve(get("/cloudfront/other/"))]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("answers where its page is", async () => {
    const { created } = await start();
    expect(created?.attributes?.DomainName).toBe("127.0.0.1:4566/cloudfront/page");
  });
});
