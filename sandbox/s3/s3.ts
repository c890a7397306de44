import type { Clock } from "../../shared/time/clock.ts";
import { notSimulated } from "../not-simulated.ts";
import type { AwsRequest, AwsResponse, ResourceType, Service } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { uploadedBody } from "./chunked-body.ts";
import { type Bucket, createObjectStore, type ObjectStore, type StoredObject } from "./store.ts";
import { document, listing } from "./xml.ts";

export interface S3 extends Service {
  readonly store: ObjectStore;
}

const WITHOUT_EFFECT = {
  BucketEncryption: "objects are in memory and gone at the end",
  LifecycleConfiguration: "objects stay until the end",
  PublicAccessBlockConfiguration: "nobody is refused there",
  OwnershipControls: "objects have no owners there",
  VersioningConfiguration: "there is one version an object",
};

/** Kept with an object and answered with it. */
const KEPT_HEADERS = /^(cache-control|content-disposition|content-encoding|content-language|x-amz-meta-.+)$/;

/**
 * S3 by path style: buckets, whole objects, ListObjectsV2. No versions, no multipart uploads, no ranges, no
 * access control. Clients use path style by themselves, since the endpoint is an IP address.
 */
export function createS3({ clock }: { readonly clock: Clock }): S3 {
  const store = createObjectStore(clock);

  const createFromTemplate: ResourceType = async (logicalId, properties) => {
    const name =
      typeof properties.BucketName === "string"
        ? properties.BucketName
        : `sandbox-${logicalId.toLowerCase()}`;
    store.create(name);
    return {
      ref: name,
      attributes: {
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.us-east-1.amazonaws.com`,
        WebsiteURL: `http://${name}.s3-website-us-east-1.amazonaws.com`,
      },
      notSimulated: notSimulated(logicalId, properties, ["BucketName", "Tags"], WITHOUT_EFFECT),
    };
  };

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    try {
      return answer(request, store);
    } catch (error) {
      if (error instanceof AwsError) return refusal(request, error);
      throw error;
    }
  }

  return {
    signingNames: ["s3"],
    handle,
    operationOf: (request) => operationOf(request),
    resources: {
      "AWS::S3::Bucket": createFromTemplate,
      // Nobody is refused here, so a policy changes nothing.
      "AWS::S3::BucketPolicy": async (logicalId) => ({ ref: logicalId }),
    },
    store,
  };
}

interface Place {
  readonly bucket: string;
  readonly key: string;
}

function placeOf({ path }: AwsRequest): Place {
  const [bucket = "", ...rest] = path.slice(1).split("/");
  return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(rest.join("/")) };
}

/** AWS's name of the operation; undefined for what the sandbox does not have. */
function operationOf(request: AwsRequest): string | undefined {
  const { bucket, key } = placeOf(request);
  const level = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  const subresources = [...request.query.keys()].filter((name) => SUBRESOURCES.has(name));
  if (subresources.length > 0) return undefined;
  return OPERATIONS[`${request.method} ${level}`];
}

const OPERATIONS: Readonly<Record<string, string>> = {
  "GET service": "ListBuckets",
  "PUT bucket": "CreateBucket",
  "HEAD bucket": "HeadBucket",
  "DELETE bucket": "DeleteBucket",
  "GET bucket": "ListObjectsV2",
  "PUT object": "PutObject",
  "GET object": "GetObject",
  "HEAD object": "HeadObject",
  "DELETE object": "DeleteObject",
};

/** In the query they make another operation of it. */
const SUBRESOURCES: ReadonlySet<string> = new Set([
  "acl",
  "cors",
  "delete",
  "encryption",
  "lifecycle",
  "location",
  "object-lock",
  "policy",
  "tagging",
  "uploadId",
  "uploads",
  "versioning",
  "versions",
  "website",
]);

function answer(request: AwsRequest, store: ObjectStore): AwsResponse {
  const { bucket: name, key } = placeOf(request);
  const operation = operationOf(request);
  switch (operation) {
    case "ListBuckets":
      return xml(
        document("ListAllMyBucketsResult", { Buckets: { Bucket: store.buckets().map(bucketEntry) } }),
      );
    case "CreateBucket":
      if (store.has(name)) {
        const message = "Your previous request to create the named bucket succeeded and you already own it.";
        throw new AwsError("BucketAlreadyOwnedByYou", message, { status: 409 });
      }
      store.create(name);
      return { status: 200, headers: { location: `/${name}` } };
    case "HeadBucket":
      store.bucket(name);
      return { status: 200, headers: { "x-amz-bucket-region": request.region } };
    case "DeleteBucket":
      store.delete(name);
      return { status: 204 };
    case "ListObjectsV2":
      return xml(listing(store.bucket(name), request.query));
    case "PutObject":
      return putObject(store.bucket(name), key, request);
    case "GetObject": {
      const found = objectIn(store.bucket(name), key);
      return { status: 200, headers: headersOf(found), body: found.body };
    }
    case "HeadObject":
      return { status: 200, headers: headersOf(objectIn(store.bucket(name), key)) };
    case "DeleteObject":
      store.bucket(name).delete(key);
      return { status: 204 };
    default: {
      const known = Object.values(OPERATIONS).join(", ");
      const query = request.query.size > 0 ? `?${request.query}` : "";
      const message = `The sandbox's S3 has ${known}; not ${request.method} ${request.path}${query}.`;
      throw new AwsError("NotImplemented", message, { status: 501 });
    }
  }
}

function putObject(bucket: Bucket, key: string, { headers, body }: AwsRequest): AwsResponse {
  const kept = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => KEPT_HEADERS.test(name))
      .map(([name, value]) => [name, value.replace(/aws-chunked(,\s*)?/, "")])
      .filter(([, value]) => value !== ""),
  );
  const contentType = headers["content-type"] ?? "application/octet-stream";
  const { etag } = bucket.put(key, uploadedBody(body, headers), contentType, kept);
  return { status: 200, headers: { etag } };
}

function objectIn(bucket: Bucket, key: string): StoredObject {
  const found = bucket.get(key);
  if (found) return found;
  throw new AwsError("NoSuchKey", `The specified key does not exist: ${key}`, { status: 404 });
}

function headersOf({ headers, contentType, etag, modifiedAt }: StoredObject): Record<string, string> {
  return {
    ...headers,
    "content-type": contentType,
    etag,
    "last-modified": new Date(modifiedAt).toUTCString(),
    "accept-ranges": "bytes",
  };
}

function bucketEntry({ name, createdAt }: Bucket) {
  return { Name: name, CreationDate: new Date(createdAt) };
}

function xml(body: string): AwsResponse {
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

/** The answer to HEAD has no body: there the status alone says it. */
function refusal({ method, path }: AwsRequest, { status, code, message }: AwsError): AwsResponse {
  const body = document("Error", { Code: code, Message: message, Resource: path });
  const headers = { "content-type": "application/xml" };
  return method === "HEAD" ? { status, headers } : { status, headers, body };
}
