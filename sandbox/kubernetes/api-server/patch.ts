import { ApiError, badRequest } from "./api-error.ts";

/** How a patch is written, by its content type. */
export type PatchType = "json" | "merge" | "strategic";

const TYPES: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
};

export function patchType(contentType: string): PatchType {
  const type = TYPES[contentType.split(";", 1)[0]?.trim() ?? ""];
  if (type) return type;
  throw new ApiError(
    415,
    "UnsupportedMediaType",
    `the sandbox's Kubernetes takes patches as ${Object.keys(TYPES).join(", ")}, not as "${contentType}"`,
  );
}

export function patched(object: unknown, patch: unknown, type: PatchType): unknown {
  if (type === "json") return jsonPatch(object, patch);
  return merge(object, patch, type === "strategic" ? MERGE_KEYS : {}, "");
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Lists that a strategic merge patch merges by a key of their entries; all others it replaces, as
 * `spec.taints`. By the path below the object.
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  "metadata.ownerReferences": "uid",
  "status.conditions": "type",
  "status.addresses": "type",
  "spec.containers": "name",
  "spec.initContainers": "name",
  "spec.volumes": "name",
  "spec.containers.env": "name",
  "spec.template.spec.containers": "name",
  "spec.template.spec.initContainers": "name",
  "spec.template.spec.volumes": "name",
  "spec.template.spec.containers.env": "name",
};

/** RFC 7396, and with `keys` Kubernetes' strategic merge as far as MERGE_KEYS goes. */
function merge(
  target: unknown,
  patch: unknown,
  keys: Readonly<Record<string, string>>,
  path: string,
): unknown {
  if (Array.isArray(patch)) return mergeList(target, patch, keys, path);
  if (!isObject(patch)) return patch;
  if (patch.$patch === "replace") return without(patch, "$patch");
  const result: Json = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    // Only an order for clients that apply; the list is merged all the same.
    if (key.startsWith("$setElementOrder/")) continue;
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value, keys, path ? `${path}.${key}` : key);
  }
  return result;
}

function mergeList(
  target: unknown,
  patch: readonly unknown[],
  keys: Readonly<Record<string, string>>,
  path: string,
): unknown {
  const key = keys[path];
  if (key === undefined) return patch;
  const result: unknown[] = Array.isArray(target) ? [...target] : [];
  for (const item of patch) {
    const place = result.findIndex((each) => isObject(each) && isObject(item) && each[key] === item[key]);
    if (isObject(item) && item.$patch === "delete") {
      if (place >= 0) result.splice(place, 1);
    } else if (place >= 0) result[place] = merge(result[place], item, keys, path);
    else result.push(item);
  }
  return result;
}

const without = (object: Json, key: string): Json =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

/** RFC 6902. */
function jsonPatch(object: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest("a JSON patch is a list of operations");
  const root: Json = { "": structuredClone(object) };
  for (const operation of patch) apply(root, operation);
  return root[""];
}

function apply(root: Json, operation: unknown): void {
  if (!isObject(operation) || typeof operation.path !== "string")
    throw badRequest("a JSON patch operation has op and path");
  const { op, path, from } = operation;
  switch (op) {
    case "add":
      put(root, path, operation.value, true);
      break;
    case "replace":
      read(root, path);
      put(root, path, operation.value, false);
      break;
    case "remove":
      remove(root, path);
      break;
    case "test":
      if (JSON.stringify(read(root, path)) !== JSON.stringify(operation.value)) {
        throw new ApiError(422, "Invalid", `the JSON patch's test of ${path} failed`);
      }
      break;
    case "copy":
    case "move": {
      const value = structuredClone(read(root, String(from)));
      if (op === "move") remove(root, String(from));
      put(root, path, value, true);
      break;
    }
    default:
      throw badRequest(`a JSON patch has no operation "${String(op)}"`);
  }
}

/** The object or list that holds the last part of a JSON pointer, and that part. */
function parentOf(root: Json, path: string): { parent: Json | unknown[]; key: string } {
  const parts = path.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const key = parts.pop() ?? "";
  let parent: unknown = root;
  for (const part of parts)
    parent = isObject(parent) || Array.isArray(parent) ? Reflect.get(parent, part) : undefined;
  if (isObject(parent) || Array.isArray(parent)) return { parent, key };
  throw new ApiError(422, "Invalid", `the JSON patch's path ${path} does not exist`);
}

function read(root: Json, path: string): unknown {
  const { parent, key } = parentOf(root, path);
  const value: unknown = Reflect.get(parent, key);
  if (value === undefined) throw new ApiError(422, "Invalid", `the JSON patch's path ${path} does not exist`);
  return value;
}

function put(root: Json, path: string, value: unknown, insert: boolean): void {
  const { parent, key } = parentOf(root, path);
  if (Array.isArray(parent) && key === "-") parent.push(value);
  else if (Array.isArray(parent) && insert) parent.splice(Number(key), 0, value);
  else Reflect.set(parent, key, value);
}

function remove(root: Json, path: string): void {
  read(root, path);
  const { parent, key } = parentOf(root, path);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
}
