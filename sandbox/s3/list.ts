import { AwsError } from "../wire/error.ts";
import { decodePageToken, encodePageToken } from "../wire/page.ts";
import type { Bucket } from "./buckets.ts";

const MOST_KEYS = 1000;

/** ListObjectsV2's answer. */
export function listObjects(name: string, bucket: Bucket, query: URLSearchParams): object {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("start-after") ?? "";
  const delimiter = query.get("delimiter");
  const wanted = query.get("max-keys");
  const size = wanted === null ? MOST_KEYS : Math.min(Number(wanted), MOST_KEYS);
  if (!Number.isInteger(size) || size < 0) {
    throw new AwsError("InvalidArgument", `max-keys: found "${wanted}", expected a whole number >= 0`);
  }
  const keys = [...bucket.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
  // Keys and, where there is a delimiter, the folders they are in.
  const entries = [...new Set(keys.map((key) => folderOf(key, prefix, delimiter) ?? key))];
  const start = decodePageToken(query.get("continuation-token") ?? undefined);
  const page = entries.slice(start, start + size);
  const isTruncated = start + size < entries.length;
  return {
    Name: name,
    Prefix: prefix,
    Delimiter: delimiter,
    MaxKeys: size,
    KeyCount: page.length,
    IsTruncated: isTruncated,
    NextContinuationToken: isTruncated ? encodePageToken(start + size) : undefined,
    Contents: page.flatMap((entry) => {
      const object = bucket.get(entry);
      if (!object) return [];
      const { key, etag, body, modifiedAt } = object;
      const LastModified = new Date(modifiedAt);
      return [{ Key: key, LastModified, ETag: etag, Size: body.length, StorageClass: "STANDARD" }];
    }),
    CommonPrefixes: page.flatMap((entry) => (bucket.has(entry) ? [] : [{ Prefix: entry }])),
  };
}

function folderOf(key: string, prefix: string, delimiter: string | null): string | undefined {
  if (!delimiter) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}
