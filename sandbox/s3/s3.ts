import type { Clock } from "../../shared/time/clock.ts";
import type { AwsRequest, AwsResponse, ResourceType, Service } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { element, textsOf } from "../wire/xml.ts";
import { objectIn } from "./body.ts";
import { type Buckets, createBuckets, type StoredObject } from "./buckets.ts";
import { listObjects } from "./list.ts";
import type { ToQueue } from "./notifications.ts";
import { callOf, type S3Call } from "./operation.ts";
import { bucketResources } from "./resources.ts";
import { Uploads } from "./uploads.ts";

export interface S3 extends Service {
  readonly buckets: Buckets;
  /** A bucket's name is one in all regions; it sends events to queues of its own region. */
  resourcesIn(region: string, toQueue: ToQueue): Readonly<Record<string, ResourceType>>;
}

const XML_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** The headers of a PutObject that come back with the object. */
const KEPT_HEADERS = /^(cache-control|content-(disposition|language|type)|x-amz-meta-.+)$/;

type Answer = (call: S3Call, request: AwsRequest) => AwsResponse;

/**
 * S3 by path style, which SDKs use for an endpoint that is an IP address: whole objects in memory. No versions,
 * no copies.
 */
export function createS3({ clock }: { readonly clock: Clock }): S3 {
  const buckets = createBuckets(clock);
  const operations = operationsOf(buckets);
  return {
    signingNames: ["s3"],
    operationOf: (request) => callOf(request).operation,
    handle: async (request) => {
      const call = callOf(request);
      const answer = call.operation === undefined ? undefined : operations[call.operation];
      if (answer) return answer(call, request);
      const known = Object.keys(operations).join(", ");
      const asked = `${request.method} ${request.path}?${request.query}`;
      throw new AwsError("NotImplemented", `The sandbox's S3 has ${known}, not ${asked}.`, { status: 501 });
    },
    resourcesIn: (region, toQueue) => bucketResources(buckets, toQueue, region),
    buckets,
  };
}

function operationsOf(buckets: Buckets): Record<string, Answer> {
  const uploads = new Uploads();
  return {
    ListBuckets: () =>
      xml("ListAllMyBucketsResult", {
        Buckets: {
          Bucket: buckets.names().map((Name) => ({
            Name,
            CreationDate: new Date(buckets.createdAt(Name)).toISOString(),
          })),
        },
      }),
    CreateBucket: ({ bucket }, { region }) => {
      buckets.create(bucket, region);
      return { status: 200, headers: { location: `/${bucket}` } };
    },
    HeadBucket: ({ bucket }) => ({
      status: 200,
      headers: { "x-amz-bucket-region": buckets.regionOf(bucket) },
    }),
    GetBucketLocation: ({ bucket }) => {
      const region = buckets.regionOf(bucket);
      // us-east-1 has no constraint.
      return xml("LocationConstraint", region === "us-east-1" ? {} : region);
    },
    DeleteBucket: ({ bucket }) => {
      buckets.delete(bucket);
      return { status: 204 };
    },
    ListObjectsV2: ({ bucket }, { query }) =>
      xml("ListBucketResult", listObjects(bucket, buckets.get(bucket), query)),
    PutObject: ({ bucket, key }, request) => {
      if (request.headers["if-none-match"] === "*" && buckets.get(bucket).has(key)) {
        throw new AwsError("PreconditionFailed", `${key} exists already.`, { status: 412 });
      }
      const { etag } = buckets.put(bucket, key, objectIn(request), keptHeaders(request));
      return { status: 200, headers: { etag } };
    },
    CreateMultipartUpload: ({ bucket, key }, request) => {
      buckets.get(bucket);
      const UploadId = uploads.begin({ bucket, key, headers: keptHeaders(request) });
      return xml("InitiateMultipartUploadResult", { Bucket: bucket, Key: key, UploadId });
    },
    UploadPart: (_, request) => {
      const number = Number(request.query.get("partNumber"));
      uploads.put(idOf(request), number, objectIn(request));
      return { status: 200, headers: { etag: `"part-${number}"` } };
    },
    CompleteMultipartUpload: (_, request) => {
      const { bucket, key, headers, body } = uploads.end(idOf(request));
      const { etag } = buckets.put(bucket, key, body, headers);
      return xml("CompleteMultipartUploadResult", { Bucket: bucket, Key: key, ETag: etag });
    },
    AbortMultipartUpload: (_, request) => {
      uploads.end(idOf(request));
      return { status: 204 };
    },
    GetObject: ({ bucket, key }) => {
      const object = find(buckets, bucket, key);
      return { status: 200, headers: headersOf(object), body: object.body };
    },
    // The answer to a HEAD has a body's headers; node leaves the body out.
    HeadObject: ({ bucket, key }) => {
      const object = find(buckets, bucket, key);
      return { status: 200, headers: headersOf(object), body: object.body };
    },
    DeleteObject: ({ bucket, key }) => {
      buckets.get(bucket).delete(key);
      return { status: 204 };
    },
    DeleteObjects: ({ bucket }, { body }) => {
      const objects = buckets.get(bucket);
      const keys = textsOf("Key", body.toString("utf8"));
      for (const key of keys) objects.delete(key);
      return xml("DeleteResult", { Deleted: keys.map((Key) => ({ Key })) });
    },
  };
}

const idOf = ({ query }: AwsRequest): string => query.get("uploadId") ?? "";

function keptHeaders({ headers }: AwsRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT_HEADERS.test(name)));
}

function find(buckets: Buckets, bucket: string, key: string): StoredObject {
  const object = buckets.get(bucket).get(key);
  if (object) return object;
  throw new AwsError("NoSuchKey", `The specified key does not exist: ${key}`, { status: 404 });
}

function headersOf({ etag, modifiedAt, headers }: StoredObject): Record<string, string> {
  return { ...headers, etag, "last-modified": new Date(modifiedAt).toUTCString() };
}

function xml(name: string, result: object | string): AwsResponse {
  const body = element(name, result, "flattened").replace(`<${name}>`, `<${name} xmlns="${XML_NAMESPACE}">`);
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
