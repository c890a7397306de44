import { createHash } from "node:crypto";
import type { Clock } from "../../shared/time/clock.ts";
import { DEFAULT_REGION } from "../service.ts";
import { AwsError } from "../wire/error.ts";

export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  /** With its quotes, as in the header. */
  readonly etag: string;
  /** Ms since the epoch, on the sandbox's clock. */
  readonly modifiedAt: number;
  /** Those that come back with it: `content-type`, `cache-control`, `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Objects by their keys. */
export type Bucket = Map<string, StoredObject>;

/** Hears of each object that is put. */
export type OnCreated = (bucket: string, object: StoredObject) => void;

export interface Buckets {
  /** @throws {AwsError} BucketAlreadyOwnedByYou, InvalidBucketName */
  create(name: string, region?: string): void;
  /** @throws {AwsError} NoSuchBucket */
  get(name: string): Bucket;
  names(): string[];
  /** Ms since the epoch, on the sandbox's clock. @throws {AwsError} NoSuchBucket */
  createdAt(name: string): number;
  /** @throws {AwsError} NoSuchBucket */
  regionOf(name: string): string;
  /** Undefined where there is none, or no such bucket. */
  object(bucket: string, key: string): StoredObject | undefined;
  /** @throws {AwsError} BucketNotEmpty */
  delete(name: string): void;
  put(bucket: string, key: string, body: Buffer, headers?: Readonly<Record<string, string>>): StoredObject;
  /** From now on these hear of each object that is put, instead of those before. @throws {AwsError} NoSuchBucket */
  notify(name: string, listeners: readonly OnCreated[]): void;
}

export function createBuckets(clock: Clock): Buckets {
  const buckets = new Map<
    string,
    {
      readonly objects: Bucket;
      readonly region: string;
      readonly createdAt: number;
      listeners: readonly OnCreated[];
    }
  >();
  return {
    create(name, region = DEFAULT_REGION) {
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
        throw new AwsError(
          "InvalidBucketName",
          `"${name}": expected 3 to 63 small letters, digits, dots and hyphens, a letter or digit at both ends`,
        );
      }
      if (buckets.has(name)) {
        throw new AwsError("BucketAlreadyOwnedByYou", `The bucket ${name} exists already.`, { status: 409 });
      }
      buckets.set(name, { objects: new Map(), region, createdAt: clock.now(), listeners: [] });
    },
    get,
    createdAt: (name) => find(name).createdAt,
    regionOf: (name) => find(name).region,
    names: () => [...buckets.keys()].toSorted(),
    object: (bucket, key) => buckets.get(bucket)?.objects.get(key),
    delete(name) {
      if (get(name).size > 0) {
        throw new AwsError("BucketNotEmpty", `The bucket ${name} is not empty.`, { status: 409 });
      }
      buckets.delete(name);
    },
    put(bucket, key, body, headers = {}) {
      const etag = `"${createHash("md5").update(body).digest("hex")}"`;
      const object = { key, body, etag, modifiedAt: clock.now(), headers };
      const { objects, listeners } = find(bucket);
      objects.set(key, object);
      for (const listener of listeners) listener(bucket, object);
      return object;
    },
    notify(name, listeners) {
      find(name).listeners = listeners;
    },
  };

  function get(name: string): Bucket {
    return find(name).objects;
  }

  function find(name: string) {
    const bucket = buckets.get(name);
    if (bucket) return bucket;
    throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${name}`, { status: 404 });
  }
}
