import { apiVersionOf, RESOURCES, VERBS } from "./resources.ts";

const VERSION = { major: "1", minor: "32", gitVersion: "v1.32.0-reflex-sandbox", platform: "linux/amd64" };

/** What a client asks first, to learn what there is. Undefined for a path that is none of these. */
export function discovery(path: string): object | undefined {
  if (path === "/version") return VERSION;
  if (path === "/api") {
    return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  }
  if (path === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: GROUPS.map(groupOf) };
  const list = /^\/(?:api|apis\/([^/]+))\/(v1)$/.exec(path);
  if (!list) return undefined;
  const [, group = ""] = list;
  const resources = RESOURCES.filter((each) => each.group === group);
  if (resources.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: group ? `${group}/v1` : "v1",
    resources: resources.flatMap(({ plural, kind, namespaced, shortNames, subresources }) => [
      { name: plural, singularName: kind.toLowerCase(), kind, namespaced, shortNames, verbs: VERBS },
      ...subresources.map(({ name, ...sub }) => ({
        name: `${plural}/${name}`,
        singularName: "",
        namespaced,
        ...sub,
      })),
    ]),
  };
}

const GROUPS: readonly string[] = [...new Set(RESOURCES.map(({ group }) => group))].filter(
  (group) => group !== "",
);

function groupOf(name: string): object {
  const versions = RESOURCES.filter(({ group }) => group === name).slice(0, 1);
  const described = versions.map((each) => ({ groupVersion: apiVersionOf(each), version: each.version }));
  return { name, versions: described, preferredVersion: described[0] };
}
