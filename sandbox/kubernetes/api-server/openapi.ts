import { apiVersionOf, RESOURCES } from "./resources.ts";

/**
 * As much of OpenAPI v3 as kubectl reads before it writes: that the server checks fields itself (it does, as
 * far as it reads them), so that the client need not know every schema.
 */
export function openApi(path: string): object | undefined {
  if (path === "/openapi/v3") {
    const paths = new Set(RESOURCES.map((each) => pathOf(apiVersionOf(each))));
    return {
      paths: Object.fromEntries(
        [...paths].map((each) => [each, { serverRelativeURL: `/openapi/v3/${each}` }]),
      ),
    };
  }
  const resources = RESOURCES.filter((each) => path === `/openapi/v3/${pathOf(apiVersionOf(each))}`);
  if (resources.length === 0) return undefined;
  return {
    openapi: "3.0.0",
    info: { title: "Reflex's sandbox", version: "1" },
    paths: Object.fromEntries(
      resources.map(({ plural, kind, group, version, namespaced }) => [
        `/${pathOf(apiVersionOf({ group, version }))}${namespaced ? "/namespaces/{namespace}" : ""}/${plural}/{name}`,
        {
          patch: {
            parameters: [{ name: "fieldValidation", in: "query", schema: { type: "string" } }],
            responses: {},
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind": { group, version, kind },
          },
        },
      ]),
    ),
  };
}

const pathOf = (apiVersion: string): string =>
  apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
