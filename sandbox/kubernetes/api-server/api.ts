import type { Cluster } from "../cluster.ts";
import { checkPreconditions, type DeleteOptions, evict } from "../eviction.ts";
import { at, type KubeObject, type NewObject, numberAt } from "../object.ts";
import { endPod, podDefaults, randomSuffix, workloadDefaults } from "../pods.ts";
import { fieldSelector, labelSelector, type Matches } from "../selectors.ts";
import { type Caller, mayCall } from "./access.ts";
import { ApiError, badRequest, notFound } from "./api-error.ts";
import type { Pages } from "./pages.ts";
import { patched, patchType } from "./patch.ts";
import { type Target, targetOf, verbOf } from "./request.ts";
import { apiVersionOf } from "./resources.ts";

/** One call of the API, before any of it is looked at. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

/** What the API answers: one object, or a list, with the resource it is of. */
export type ApiAnswer =
  | {
      readonly status: number;
      readonly resource: string;
      readonly object: object;
      readonly isKubeObject: boolean;
    }
  | {
      readonly status: number;
      readonly resource: string;
      readonly items: readonly KubeObject[];
      readonly metadata: object;
      readonly kind: string;
      readonly apiVersion: string;
    };

/** @throws {ApiError} */
export function callApi(cluster: Cluster, pages: Pages, caller: Caller, request: ApiRequest): ApiAnswer {
  const target = targetOf(request.path);
  authorize(caller, target, verbOf(request.method, target, false));
  const answer = perform(cluster, pages, caller, target, request);
  if (request.method !== "GET") cluster.settle();
  return answer;
}

/** @throws {ApiError} 403 */
export function authorize(caller: Caller, { resource, subresource, namespace }: Target, verb: string): void {
  const name = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
  if (mayCall(caller, resource.group, name, verb)) return;
  const where = resource.namespaced && namespace ? `in the namespace "${namespace}"` : "at the cluster scope";
  throw new ApiError(
    403,
    "Forbidden",
    `${resource.plural} is forbidden: User "${caller.name}" cannot ${verb} resource "${name}" in API group "${resource.group}" ${where}`,
  );
}

function perform(
  cluster: Cluster,
  pages: Pages,
  caller: Caller,
  target: Target,
  request: ApiRequest,
): ApiAnswer {
  const { store } = cluster.state;
  const { resource, namespace, name, subresource } = target;
  if (subresource !== "eviction" && isDryRun(request)) throw badRequest(ONLY_EVICTIONS_DRY);
  if (name === undefined) {
    if (request.method === "GET") return list(cluster, pages, target, request.query);
    if (request.method === "POST") return one(201, target, create(cluster, target, request.body));
    throw methodNotAllowed(request.method);
  }
  const found = store.get(resource.plural, namespace, name);
  if (subresource === "eviction") {
    const options = deleteOptions(at(request.body, "deleteOptions"), request.query);
    evict(cluster.state, found, options, caller.name);
    return { status: 201, resource: resource.plural, object: success(), isKubeObject: false };
  }
  if (subresource === "scale") return scale(cluster, target, found, request);
  if (subresource !== undefined && subresource !== "status")
    throw notFound(`${resource.plural}/${subresource}`, name);
  switch (request.method) {
    case "GET":
      return one(200, target, found);
    case "PUT":
      return one(200, target, store.replace(resource.plural, asObject(request.body, target)));
    case "PATCH":
      return one(200, target, patch(cluster, target, found, request));
    case "DELETE":
      return one(200, target, remove(cluster, target, found, request, caller));
    default:
      throw methodNotAllowed(request.method);
  }
}

const one = (status: number, { resource }: Target, object: KubeObject): ApiAnswer => ({
  status,
  resource: resource.plural,
  object,
  isKubeObject: true,
});

const ONLY_EVICTIONS_DRY =
  "the sandbox's Kubernetes makes no dry runs but those of evictions: nothing was done";

const isDryRun = ({ query, body }: Pick<ApiRequest, "query" | "body">): boolean =>
  query.has("dryRun") || (Array.isArray(at(body, "dryRun")) && String(at(body, "dryRun")) !== "");

const success = (): object => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  code: 201,
});

const methodNotAllowed = (method: string): ApiError =>
  new ApiError(405, "MethodNotAllowed", `the sandbox's Kubernetes does not take ${method} here`);

/** What a list or a watch is about. */
export function selected({ resource, namespace, name }: Target, query: URLSearchParams): Matches {
  const byLabel = labelSelector(query.get("labelSelector"));
  const byField = fieldSelector(query.get("fieldSelector"));
  return (object) =>
    (!resource.namespaced || namespace === "" || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    byLabel(object) &&
    byField(object);
}

function list(cluster: Cluster, pages: Pages, target: Target, query: URLSearchParams): ApiAnswer {
  const { resource } = target;
  const { store } = cluster.state;
  const matches = selected(target, query);
  checkVersion(query, store.version);
  // What comes from the server's cache comes whole, whatever limit is given.
  const limit = query.get("resourceVersion") === "0" ? 0 : Number(query.get("limit") ?? 0);
  const { items, metadata } = pages.page(query.get("continue"), limit, () => ({
    items: store.list(resource.plural).filter(matches),
    version: store.version,
  }));
  const kind = `${resource.kind}List`;
  return {
    status: 200,
    resource: resource.plural,
    kind,
    apiVersion: apiVersionOf(resource),
    items,
    metadata,
  };
}

/** @throws {ApiError} for a version that the server does not know yet, or a match without a version */
function checkVersion(query: URLSearchParams, newest: number): void {
  const version = query.get("resourceVersion");
  if (query.has("resourceVersionMatch") && !version) {
    throw badRequest("resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (version === null || Number(version) <= newest) return;
  throw new ApiError(504, "Timeout", `Too large resource version: ${version}, current: ${newest}`, {
    details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }] },
  });
}

function create(cluster: Cluster, target: Target, body: unknown): KubeObject {
  const { resource, namespace } = target;
  const { store } = cluster.state;
  const object = asObject(body, target);
  const generated =
    object.metadata.name || `${String(at(body, "metadata.generateName") ?? "")}${randomSuffix()}`;
  const spec =
    resource.kind === "Pod"
      ? podDefaults(object.spec ?? {}, store)
      : object.spec && workloadDefaults(resource.kind, object.spec);
  return store.create(resource.plural, {
    ...object,
    metadata: {
      ...object.metadata,
      name: generated,
      ...(resource.namespaced && { namespace: namespace || "default" }),
    },
    ...(spec && { spec }),
    ...(resource.kind === "Pod" && { status: { phase: "Pending" } }),
  });
}

function patch(cluster: Cluster, { resource }: Target, found: KubeObject, request: ApiRequest): KubeObject {
  const result = patched(found, request.body, patchType(request.contentType));
  const { name, namespace } = found.metadata;
  const object = asObject(result, { resource, namespace: namespace ?? "", name, subresource: undefined });
  return cluster.state.store.replace(resource.plural, object);
}

function remove(
  { state }: Cluster,
  { resource, namespace, name = "" }: Target,
  found: KubeObject,
  { body, query }: ApiRequest,
  caller: Caller,
): KubeObject {
  const options = deleteOptions(body, query);
  checkPreconditions(resource.plural, found, options);
  if (resource.kind !== "Pod") return state.store.remove(resource.plural, namespace, name);
  const grace =
    options.gracePeriodSeconds ??
    (query.has("gracePeriodSeconds") ? Number(query.get("gracePeriodSeconds")) : undefined);
  return endPod(state, found, "deleted", caller.name, grace);
}

/** `deployments/scale` and its kin: the one number of them. */
function scale({ state }: Cluster, target: Target, found: KubeObject, request: ApiRequest): ApiAnswer {
  const plural = target.resource.plural;
  const { name, namespace, uid, resourceVersion } = found.metadata;
  const current = {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion },
    spec: { replicas: numberAt(found, "spec.replicas", 1) },
    status: { replicas: numberAt(found, "status.replicas") },
  };
  if (request.method === "GET")
    return { status: 200, resource: plural, object: current, isKubeObject: false };
  const wanted =
    request.method === "PATCH"
      ? patched(current, request.body, patchType(request.contentType))
      : request.body;
  const replicas = numberAt(wanted, "spec.replicas", -1);
  if (replicas < 0) throw badRequest("spec.replicas: expected a number from 0 up");
  state.store.replace(plural, { ...found, spec: { ...found.spec, replicas } });
  return { status: 200, resource: plural, object: { ...current, spec: { replicas } }, isKubeObject: false };
}

function asObject(body: unknown, { resource, namespace }: Target): NewObject {
  const metadata = at(body, "metadata");
  if (typeof body !== "object" || body === null || typeof metadata !== "object" || metadata === null) {
    throw badRequest(`expected a ${resource.kind} with metadata`);
  }
  const name = at(metadata, "name");
  return {
    ...body,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      ...metadata,
      name: typeof name === "string" ? name : "",
      ...(resource.namespaced && namespace && { namespace }),
    },
  };
}

function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const grace = at(body, "gracePeriodSeconds");
  const uid = at(body, "preconditions.uid");
  const resourceVersion = at(body, "preconditions.resourceVersion");
  return {
    ...(isDryRun({ query, body }) && { dryRun: true }),
    ...(typeof grace === "number" && { gracePeriodSeconds: grace }),
    preconditions: {
      ...(typeof uid === "string" && { uid }),
      ...(typeof resourceVersion === "string" && { resourceVersion }),
    },
  };
}
