import { notFound } from "./api-error.ts";
import { RESOURCES, type Resource } from "./resources.ts";

/** A request to the API, as its path says. */
export interface Target {
  readonly resource: Resource;
  /** Empty: all namespaces, or none. */
  readonly namespace: string;
  /** Undefined: the collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/[^/]))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>[^/]+))?\/?$/;

/** @throws {ApiError} 404 for a path that is none of ours */
export function targetOf(path: string): Target {
  const { group = "", version, namespace = "", plural = "", name, sub } = PATH.exec(path)?.groups ?? {};
  // `/api/v1/namespaces/default/status` is a namespace's own subresource, not a resource called "status".
  if (namespace && plural === "status" && name === undefined) return targetOf(path.replace(/\/status$/, ""));
  const resource = RESOURCES.find(
    (each) => each.group === group && each.version === version && each.plural === plural,
  );
  if (!resource) throw notFound(plural || "path", path);
  return {
    resource,
    namespace: decodeURIComponent(namespace),
    name: name === undefined ? undefined : decodeURIComponent(name),
    subresource: sub,
  };
}

/** The RBAC verb of a request. */
export function verbOf(method: string, target: Target, watching: boolean): string {
  switch (method) {
    case "GET":
      if (watching) return "watch";
      return target.name === undefined ? "list" : "get";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return target.name === undefined ? "deletecollection" : "delete";
    default:
      return method.toLowerCase();
  }
}
