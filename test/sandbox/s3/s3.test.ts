import { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { Calls } from "../../../sandbox/endpoint/calls.ts";
import { type Endpoint, startEndpoint } from "../../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../../sandbox/endpoint/faults.ts";
import { createS3, type S3 } from "../../../sandbox/s3/s3.ts";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const clock = { now: () => NOW };
const Bucket = "a-bucket";

let s3: S3;
let endpoint: Endpoint;
let client: S3Client;

beforeEach(async () => {
  s3 = createS3({ clock });
  endpoint = await startEndpoint({
    services: [s3],
    clock,
    faults: new Faults(),
    calls: new Calls(),
    callers: new Map(),
    port: 0,
    log: () => {},
  });
  client = new S3Client({
    endpoint: endpoint.url,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
    // The SDK compares its own clock with the answer's date.
    systemClockOffset: NOW - Date.now(),
  });
  await client.send(new CreateBucketCommand({ Bucket }));
});

afterEach(async () => {
  client.destroy();
  await endpoint.stop();
});

const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));

test("the buckets are listed with the time of their creation", async () => {
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  expect(Buckets).toEqual([{ Name: Bucket, CreationDate: new Date(NOW) }]);
});

describe("an object", () => {
  it("comes back as it was put, with its type and metadata", async () => {
    const Key = "a folder/ä+b.json";
    const Metadata = { filesha256: "abc=" };
    await client.send(
      new PutObjectCommand({ Bucket, Key, Body: "{}", ContentType: "application/json", Metadata }),
    );
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect({ ...got, Body: await got.Body?.transformToString() }).toMatchObject({
      Body: "{}",
      ContentType: "application/json",
      Metadata,
      ETag: '"99914b932bd37a50b983c5e7c90ae93b"',
      LastModified: new Date(NOW),
    });
  });

  it("that is streamed in chunks is put together", async () => {
    const Body = Readable.from([Buffer.from("one, "), Buffer.alloc(70_000, "x"), Buffer.from(", two")]);
    await client.send(new PutObjectCommand({ Bucket, Key: "k", Body, ContentLength: 70_010 }));
    const stored = s3.buckets.get(Bucket).get("k")?.body.toString();
    expect(stored).toBe(`one, ${"x".repeat(70_000)}, two`);
  });

  it("is not overwritten by one that must be the first", async () => {
    await put("k", "first");
    const second = client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "2", IfNoneMatch: "*" }));
    await expect(second).rejects.toMatchObject({ name: "PreconditionFailed" });
  });

  it("comes in parts, whatever their order, and is there when it is completed", async () => {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket, Key: "large", Metadata: { hash: "h" } }),
    );
    const part = (PartNumber: number, Body: string) =>
      client.send(new UploadPartCommand({ Bucket, Key: "large", UploadId, PartNumber, Body }));
    await Promise.all([part(2, "second"), part(1, "first ")]);
    await expect(client.send(new GetObjectCommand({ Bucket, Key: "large" }))).rejects.toThrow();
    const complete = new CompleteMultipartUploadCommand({ Bucket, Key: "large", UploadId });
    await client.send(complete);
    const { Body, Metadata } = await client.send(new GetObjectCommand({ Bucket, Key: "large" }));
    expect([await Body?.transformToString(), Metadata]).toEqual(["first second", { hash: "h" }]);
    await expect(client.send(complete)).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  it("is described by HeadObject without its body", async () => {
    await put("k", "12345");
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: "k" }))).toMatchObject({
      ContentLength: 5,
    });
  });

  it("that is not there is NoSuchKey", async () => {
    const missing = client.send(new GetObjectCommand({ Bucket, Key: "nothing" }));
    await expect(missing).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("a list of objects", () => {
  it("goes on page by page", async () => {
    for (const key of ["b/2", "a/1", "b/1", "b/3"]) await put(key, key);
    const first = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "b/", MaxKeys: 2 }));
    const ContinuationToken = first.NextContinuationToken;
    const next = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "b/", ContinuationToken }));
    const keys = [first, next].map(({ Contents }) => Contents?.map(({ Key }) => Key));
    expect(keys).toEqual([["b/1", "b/2"], ["b/3"]]);
  });

  it("names folders by a delimiter", async () => {
    for (const key of ["top", "a/1", "a/2", "b/1"]) await put(key, key);
    const { Contents, CommonPrefixes } = await client.send(
      new ListObjectsV2Command({ Bucket, Delimiter: "/" }),
    );
    expect([Contents?.map(({ Key }) => Key), CommonPrefixes?.map(({ Prefix }) => Prefix)]).toEqual([
      ["top"],
      ["a/", "b/"],
    ]);
  });
});

describe("a bucket", () => {
  it("that is not there is a 404 for HeadBucket", async () => {
    const head = client.send(new HeadBucketCommand({ Bucket: "other" }));
    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  it("cannot be deleted while it holds an object", async () => {
    await put("k", "v");
    const deletion = client.send(new DeleteBucketCommand({ Bucket }));
    await expect(deletion).rejects.toMatchObject({ name: "BucketNotEmpty" });
  });

  it("can be emptied and deleted", async () => {
    await put("a&b", "v");
    await put("c", "v");
    const Objects = [{ Key: "a&b" }, { Key: "c" }];
    const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    await client.send(new DeleteBucketCommand({ Bucket }));
    expect([Deleted?.map(({ Key }) => Key), s3.buckets.names()]).toEqual([["a&b", "c"], []]);
  });

  it("of the template has its name and attributes", async () => {
    const create = s3.resourcesIn("us-east-1", () => {})["AWS::S3::Bucket"];
    const created = await create?.("Quarantine", { BucketName: "reflex-quarantine" });
    expect(created).toMatchObject({
      ref: "reflex-quarantine",
      attributes: {
        Arn: "arn:aws:s3:::reflex-quarantine",
        RegionalDomainName: "reflex-quarantine.s3.us-east-1.amazonaws.com",
      },
    });
  });
});

describe("an operation the sandbox's S3 does not have", () => {
  it("is refused with those it has", async () => {
    const request = {
      method: "GET",
      path: `/${Bucket}`,
      query: new URLSearchParams("acl"),
      headers: {},
      body: Buffer.alloc(0),
      region: "us-east-1",
    };
    await expect(s3.handle(request)).rejects.toThrow("The sandbox's S3 has ListBuckets");
  });
});
