import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { clusterRole } from "../../../sandbox/kubernetes/api-server/access.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { deletePod, evictPod } from "../../../shared/kubernetes/api/eviction.ts";
import { collect } from "../../../shared/kubernetes/api/list/pages.ts";
import { listBudgets } from "../../../shared/kubernetes/budget.ts";
import { listDaemonSets } from "../../../shared/kubernetes/daemon-set.ts";
import { createPodEvent } from "../../../shared/kubernetes/event.ts";
import { listNamespaces } from "../../../shared/kubernetes/namespace.ts";
import { listNodes, patchNode, readNode } from "../../../shared/kubernetes/node.ts";
import { podPages, podsOnNode } from "../../../shared/kubernetes/pod.ts";
import { listClaims, listStorageClasses } from "../../../shared/kubernetes/storage/claim.ts";
import { listVolumeLimits } from "../../../shared/kubernetes/storage/csi-node.ts";
import { listBoundVolumes } from "../../../shared/kubernetes/storage/volume.ts";

/** `list pods` and its kin, as a manifest grants them. */
function granted(name: string): Set<string> {
  const manifests: unknown[] = parseAllDocuments(readFileSync(`docs/kubernetes/${name}.yaml`, "utf8")).map(
    (each) => each.toJS(),
  );
  const rules = manifests.flatMap((manifest) => {
    const role = clusterRole.safeParse(manifest);
    return role.success ? role.data.rules : [];
  });
  return new Set(
    rules.flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    ),
  );
}

/** What the calls ask of a ClusterRole; the answers do not matter. */
async function asked(...calls: ((api: KubernetesApi) => Promise<unknown>)[]): Promise<Set<string>> {
  const seen = new Set<string>();
  const api: KubernetesApi = {
    cluster: "main",
    call: async ({ verb, resource }) => {
      seen.add(`${verb} ${resource}`);
      return { metadata: { resourceVersion: "1" }, items: [] };
    },
    list: async ({ resource }) => {
      seen.add(`list ${resource}`);
      return {};
    },
  };
  await Promise.allSettled(calls.map((call) => call(api)));
  return seen;
}

const pod = { namespace: "default", name: "a", uid: "u" };

test("docs/kubernetes/cluster-role.yaml grants exactly what shared/kubernetes asks for", async () => {
  const calls = await asked(
    (api) => listNodes(api),
    (api) => readNode(api, "node"),
    (api) => patchNode(api, "node", {}),
    (api) => collect(podPages(api)),
    (api) => collect(podsOnNode(api, "node")),
    (api) => evictPod(api, pod, undefined),
    listBudgets,
    listBoundVolumes,
    listClaims,
    listStorageClasses,
    listVolumeLimits,
    listDaemonSets,
    listNamespaces,
  );
  expect(granted("cluster-role")).toEqual(calls);
});

test("docs/kubernetes/cluster-role-events.yaml grants what an Event on a pod asks for", async () => {
  const event = { pod, name: "a.1", reason: "NotTriggerScaleUp", message: "", at: 0 };
  expect(granted("cluster-role-events")).toEqual(await asked((api) => createPodEvent(api, event)));
});

test("docs/kubernetes/cluster-role-delete-pods.yaml grants what atHardDeadline: delete asks for", async () => {
  expect(granted("cluster-role-delete-pods")).toEqual(await asked((api) => deletePod(api, pod, 1)));
});
