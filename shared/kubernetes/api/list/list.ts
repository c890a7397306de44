import * as z from "zod/mini";
import type { KubernetesApi } from "../api.ts";
import type { ApiCall, TakeObjects } from "../call.ts";
import { hasStatus } from "../errors.ts";
import { readAs } from "../parse.ts";
import { type Unreadable, unreadable } from "../unreadable.ts";
import type { Kept } from "./kept.ts";
import { pages } from "./pages.ts";

type Query = Readonly<Record<string, string>>;

/** A kind of object that is listed. */
export interface Listed<T> {
  /** For example `/api/v1/nodes`. */
  readonly path: string;
  /** For example `nodes`. */
  readonly resource: string;
  /** What `parse` reads of an object. */
  readonly kept: Kept;
  readonly parse: (object: unknown) => T;
}

export interface CacheOptions {
  /**
   * The list has to be as new as this version, see `currentVersion`. Absent: whatever the cache has, for what changes
   * seldom and is looked at again a minute later.
   */
  readonly notOlderThan?: string | undefined;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal | undefined;
  /** Takes each object that cannot be read, which is left out; absent: such an object is an error. */
  readonly leaveOut?: LeaveOut | undefined;
}

export type LeaveOut = (object: Unreadable) => void;

/**
 * Lists from the API server's own cache, in one answer: the server reads nothing from etcd, and no page waits for the
 * one before it. A cache that is not as new as is asked for is waited for by the server, three seconds at most; then
 * the list is read from etcd, page by page.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
 */
export async function forEachListed<T>(
  api: KubernetesApi,
  listed: Listed<T>,
  { notOlderThan, fieldSelector, signal, leaveOut }: CacheOptions,
  take: (some: readonly T[]) => void | Promise<void>,
): Promise<void> {
  const { path, resource, kept } = listed;
  const parse = parserOf(listed, leaveOut);
  const selected: Query = fieldSelector === undefined ? {} : { fieldSelector };
  const version: Query =
    notOlderThan === undefined
      ? { resourceVersion: "0" }
      : { resourceVersion: notOlderThan, resourceVersionMatch: "NotOlderThan" };
  const takeObjects: TakeObjects = (objects) => take(objects.flatMap(parse));
  try {
    await api.list({ path, resource, kept, query: { ...selected, ...version }, signal }, takeObjects);
  } catch (error) {
    if (!hasStatus(error, 504)) throw error;
    for await (const page of pages(api, { path, resource, query: selected, signal }, parse))
      await take(page.flat());
  }
}

/** An object as a list of one, or of none where it is left out. */
function parserOf<T>(
  { resource, parse }: Listed<T>,
  leaveOut: LeaveOut | undefined,
): (object: unknown) => T[] {
  if (!leaveOut) return (object) => [parse(object)];
  return (object) => {
    try {
      return [parse(object)];
    } catch (error) {
      leaveOut(unreadable(resource, object, error));
      return [];
    }
  };
}

/** As `forEachListed`, all together. */
export async function listFromCache<T>(
  api: KubernetesApi,
  listed: Listed<T>,
  options: CacheOptions,
): Promise<T[]> {
  const found: T[] = [];
  await forEachListed(api, listed, options, (some) => {
    for (const one of some) found.push(one);
  });
  return found;
}

const versionShape = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

/** The version of the cluster's objects at this moment, asked of etcd by the smallest list there is. */
export async function currentVersion(api: KubernetesApi, signal?: AbortSignal): Promise<string> {
  const call: ApiCall = {
    method: "GET",
    path: "/api/v1/nodes",
    query: { limit: "1" },
    verb: "list",
    resource: "nodes",
    signal,
  };
  return readAs(versionShape, await api.call(call), "list of nodes").metadata.resourceVersion;
}
