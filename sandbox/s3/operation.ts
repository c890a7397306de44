import type { AwsRequest } from "../service.ts";

/** What a request asks of S3: the path names the bucket and the key (path style). */
export interface S3Call {
  /** AWS's name, or undefined for what the sandbox's S3 does not have. */
  readonly operation: string | undefined;
  readonly bucket: string;
  readonly key: string;
}

const OF_BUCKET: Readonly<Record<string, string>> = {
  PUT: "CreateBucket",
  HEAD: "HeadBucket",
  DELETE: "DeleteBucket",
  "GET list-type": "ListObjectsV2",
  "GET location": "GetBucketLocation",
  "POST delete": "DeleteObjects",
};

const OF_OBJECT: Readonly<Record<string, string>> = {
  PUT: "PutObject",
  GET: "GetObject",
  HEAD: "HeadObject",
  DELETE: "DeleteObject",
  "POST uploads": "CreateMultipartUpload",
  "PUT uploadId": "UploadPart",
  "POST uploadId": "CompleteMultipartUpload",
  "DELETE uploadId": "AbortMultipartUpload",
};

/** Query parameters that make another operation of the same method, with and without value. */
const SUBRESOURCES = [
  "acl",
  "cors",
  "delete",
  "encryption",
  "lifecycle",
  "list-type",
  "location",
  "policy",
  "tagging",
  "uploadId",
  "uploads",
  "versioning",
  "versions",
];

export function callOf({ method, path, query }: Pick<AwsRequest, "method" | "path" | "query">): S3Call {
  const [, bucket = "", ...rest] = path.split("/");
  const key = decodeURIComponent(rest.join("/"));
  const subresource = SUBRESOURCES.find((name) => query.has(name));
  const asked = subresource === undefined ? method : `${method} ${subresource}`;
  const name = decodeURIComponent(bucket);
  if (bucket === "") return { operation: asked === "GET" ? "ListBuckets" : undefined, bucket: name, key };
  return { operation: (key === "" ? OF_BUCKET : OF_OBJECT)[asked], bucket: name, key };
}
