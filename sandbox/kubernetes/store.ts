import { randomUUID } from "node:crypto";
import type { Clock } from "../../shared/time/clock.ts";
import { ApiError, conflict, notFound } from "./api-server/api-error.ts";
import { type KubeObject, type NewObject, timestamp } from "./object.ts";

/** One change, as a watch reports it. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** The resource's plural, for example `pods`. */
  readonly resource: string;
  readonly version: number;
  readonly object: KubeObject;
}

/** Old changes are forgotten, so that a cluster that stays up does not grow; a watch from before gets 410. */
const KEPT_CHANGES = 20_000;

/** All objects of the cluster, each write with a new `resourceVersion`. */
export class Store {
  readonly #clock: Clock;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  /** Each resource's objects in order, until one of them is written. */
  readonly #lists = new Map<string, KubeObject[]>();
  readonly #watchers = new Set<(change: Change) => void>();
  #changes: Change[] = [];
  #version = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get version(): number {
    return this.#version;
  }

  /** In the order of their keys, as etcd lists them. */
  list(resource: string): KubeObject[] {
    const known = this.#lists.get(resource);
    if (known) return [...known];
    const objects = this.#objects.get(resource);
    if (!objects) return [];
    const list = [...objects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    this.#lists.set(resource, list);
    return [...list];
  }

  find(resource: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(resource)?.get(keyOf(namespace, name));
  }

  /** @throws {ApiError} 404 */
  get(resource: string, namespace: string, name: string): KubeObject {
    const found = this.find(resource, namespace, name);
    if (!found) throw notFound(resource, name);
    return found;
  }

  /** @throws {ApiError} 409 when there is one of this name */
  create(resource: string, object: NewObject): KubeObject {
    const { name, namespace = "" } = object.metadata;
    if (this.find(resource, namespace, name)) {
      throw new ApiError(409, "AlreadyExists", `${resource} "${name}" already exists`, {
        details: { name, kind: resource },
      });
    }
    const created: KubeObject = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: randomUUID(),
        resourceVersion: this.#next(),
        creationTimestamp: timestamp(this.#clock.now()),
      },
    };
    this.#put(resource, created);
    this.#notify("ADDED", resource, created);
    return created;
  }

  /** @throws {ApiError} 404; 409 when the object says a version that is not the newest, or another UID */
  replace(resource: string, object: NewObject): KubeObject {
    const { name, namespace = "", uid, resourceVersion } = object.metadata;
    const before = this.get(resource, namespace, name);
    if (uid !== undefined && uid !== before.metadata.uid) {
      throw conflict(
        resource,
        name,
        `the UID in the precondition (${uid}) is not the object's (${before.metadata.uid})`,
      );
    }
    if (resourceVersion && resourceVersion !== before.metadata.resourceVersion) {
      throw conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    }
    const { creationTimestamp } = before.metadata;
    const kept = { uid: before.metadata.uid, creationTimestamp };
    const same = {
      ...object,
      metadata: { ...object.metadata, ...kept, resourceVersion: before.metadata.resourceVersion },
    };
    // A write that changes nothing is none: the version stays.
    if (JSON.stringify(same) === JSON.stringify(before)) return before;
    const replaced = { ...same, metadata: { ...same.metadata, resourceVersion: this.#next() } };
    this.#put(resource, replaced);
    this.#notify("MODIFIED", resource, replaced);
    return replaced;
  }

  remove(resource: string, namespace: string, name: string): KubeObject {
    const before = this.get(resource, namespace, name);
    this.#objects.get(resource)?.delete(keyOf(namespace, name));
    this.#lists.delete(resource);
    const gone = { ...before, metadata: { ...before.metadata, resourceVersion: this.#next() } };
    this.#notify("DELETED", resource, gone);
    return gone;
  }

  /** The changes after `version`. @throws {ApiError} 410 when they are no longer all known */
  since(version: number): readonly Change[] {
    const first = this.#changes[0];
    if (first && version + 1 < first.version && this.#changes.length >= KEPT_CHANGES / 2) {
      throw new ApiError(410, "Expired", `too old resource version: ${version} (${first.version})`);
    }
    return this.#changes.filter((change) => change.version > version);
  }

  /** Calls `watcher` with each change from now on. Returns a function that ends it. */
  watch(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #put(resource: string, object: KubeObject): void {
    const objects = this.#objects.get(resource) ?? new Map<string, KubeObject>();
    this.#objects.set(resource, objects);
    objects.set(keyOf(object.metadata.namespace ?? "", object.metadata.name), object);
    this.#lists.delete(resource);
  }

  #next(): string {
    this.#version += 1;
    return String(this.#version);
  }

  #notify(type: Change["type"], resource: string, object: KubeObject): void {
    const change = { type, resource, version: this.#version, object };
    this.#changes.push(change);
    if (this.#changes.length > KEPT_CHANGES) this.#changes = this.#changes.slice(-KEPT_CHANGES / 2);
    for (const watcher of this.#watchers) watcher(change);
  }
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;
