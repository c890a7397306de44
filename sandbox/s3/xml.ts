import { AwsError } from "../wire/error.ts";
import { decodePageToken, encodePageToken } from "../wire/page.ts";
import type { Bucket } from "./store.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

type Node =
  | string
  | number
  | boolean
  | Date
  | readonly Node[]
  | { readonly [name: string]: Node | undefined };

/** REST-XML: a list is its element again and again, without one around it. */
export function document(root: string, content: Node): string {
  const xmlns = root === "Error" ? "" : ` xmlns="${NAMESPACE}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${xmlns}>${inner(content)}</${root}>`;
}

function element(name: string, node: Node | undefined): string {
  if (node === undefined) return "";
  if (isList(node)) return node.map((item) => element(name, item)).join("");
  return `<${name}>${inner(node)}</${name}>`;
}

function inner(node: Node): string {
  if (node instanceof Date) return node.toISOString();
  if (typeof node !== "object") return escaped(String(node));
  if (isList(node)) return node.map(inner).join("");
  return Object.entries(node)
    .map(([name, child]) => element(name, child))
    .join("");
}

function isList(node: Node): node is readonly Node[] {
  return Array.isArray(node);
}

function escaped(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const LARGEST_PAGE = 1000;

/** ListObjectsV2: a page of the keys under a prefix; with a delimiter, what is common up to it only once. */
export function listing(bucket: Bucket, query: URLSearchParams): string {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const isUrlEncoded = query.get("encoding-type") === "url";
  const named = (text: string) => (isUrlEncoded ? encodeURIComponent(text).replaceAll("%2F", "/") : text);
  const size = Math.min(LARGEST_PAGE, Number(query.get("max-keys") ?? LARGEST_PAGE));
  if (!(size >= 0)) throw new AwsError("InvalidArgument", `max-keys: found ${query.get("max-keys")}`);

  const after = query.get("start-after") ?? "";
  const entries: ({ key: string } | { prefix: string })[] = [];
  const seen = new Set<string>();
  for (const { key } of bucket.list(prefix)) {
    if (key <= after) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (end === -1) entries.push({ key });
    else {
      const common = key.slice(0, end + delimiter.length);
      if (!seen.has(common)) entries.push({ prefix: common });
      seen.add(common);
    }
  }
  const start = decodePageToken(query.get("continuation-token") ?? undefined);
  const page = entries.slice(start, start + size);
  const isTruncated = start + size < entries.length;
  return document("ListBucketResult", {
    Name: bucket.name,
    Prefix: named(prefix),
    Delimiter: delimiter || undefined,
    EncodingType: isUrlEncoded ? "url" : undefined,
    KeyCount: page.length,
    MaxKeys: size,
    IsTruncated: isTruncated,
    NextContinuationToken: isTruncated ? encodePageToken(start + size) : undefined,
    Contents: page.flatMap((entry) => {
      const found = "key" in entry ? bucket.get(entry.key) : undefined;
      if (!found) return [];
      return {
        Key: named(found.key),
        LastModified: new Date(found.modifiedAt),
        ETag: found.etag,
        Size: found.body.length,
        StorageClass: "STANDARD",
      };
    }),
    CommonPrefixes: page.flatMap((entry) => ("prefix" in entry ? { Prefix: named(entry.prefix) } : [])),
  });
}
