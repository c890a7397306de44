import { createHash } from "node:crypto";
import type { Clock } from "../../shared/time/clock.ts";
import { AwsError } from "../wire/error.ts";

export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  readonly contentType: string;
  /** The headers `cache-control`, `content-encoding` and the like, and `x-amz-meta-…`, as they were sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** In quotes, as the header is. */
  readonly etag: string;
  /** Ms since the epoch on the sandbox's clock. */
  readonly modifiedAt: number;
}

export interface Bucket {
  readonly name: string;
  readonly createdAt: number;
  put(
    key: string,
    body: Buffer,
    contentType: string,
    headers?: Readonly<Record<string, string>>,
  ): StoredObject;
  get(key: string): StoredObject | undefined;
  delete(key: string): void;
  /** Sorted by key, as S3 lists them (by UTF-8 bytes). */
  list(prefix?: string): readonly StoredObject[];
}

export interface ObjectStore {
  create(name: string): Bucket;
  /** @throws {AwsError} NoSuchBucket */
  bucket(name: string): Bucket;
  has(name: string): boolean;
  /** @throws {AwsError} BucketNotEmpty */
  delete(name: string): void;
  buckets(): readonly Bucket[];
}

/** Buckets and their objects, in memory. One version an object. */
export function createObjectStore(clock: Clock): ObjectStore {
  const buckets = new Map<string, Bucket>();

  const bucket = (name: string): Bucket => {
    const found = buckets.get(name);
    if (found) return found;
    throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${name}`, { status: 404 });
  };

  return {
    create(name) {
      const known = buckets.get(name);
      if (known) return known;
      if (!BUCKET_NAME.test(name)) {
        throw new AwsError("InvalidBucketName", `The specified bucket is not valid: ${name}`);
      }
      const made = createBucket(name, clock);
      buckets.set(name, made);
      return made;
    },
    bucket,
    has: (name) => buckets.has(name),
    delete(name) {
      if (bucket(name).list().length > 0) {
        throw new AwsError("BucketNotEmpty", `The bucket ${name} is not empty.`, { status: 409 });
      }
      buckets.delete(name);
    },
    buckets: () => [...buckets.values()],
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

function createBucket(name: string, clock: Clock): Bucket {
  const objects = new Map<string, StoredObject>();
  return {
    name,
    createdAt: clock.now(),
    put(key, body, contentType, headers = {}) {
      const etag = `"${createHash("md5").update(body).digest("hex")}"`;
      const stored = { key, body, contentType, headers, etag, modifiedAt: clock.now() };
      objects.set(key, stored);
      return stored;
    },
    get: (key) => objects.get(key),
    delete: (key) => void objects.delete(key),
    list: (prefix = "") =>
      [...objects.values()]
        .filter(({ key }) => key.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
  };
}
