import {
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  PolicyV1Api,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { budget, deployment } from "../../../sandbox/fixtures/seeds.ts";
import type { Caller } from "../../../sandbox/kubernetes/api-server/access.ts";
import { ADMIN_TOKEN, admin, type RunningCluster, startCluster } from "./a-cluster.ts";

let running: RunningCluster;
let core: CoreV1Api;
let policy: PolicyV1Api;

beforeAll(async () => {
  running = await startCluster({ authenticate: (token) => admin(token) ?? readers.get(token) });
  running.cluster.create(deployment("web", 6), budget("web", 6));
  await running.clock.advance(10_000);
  core = configOf(ADMIN_TOKEN).makeApiClient(CoreV1Api);
  policy = configOf(ADMIN_TOKEN).makeApiClient(PolicyV1Api);
});
afterAll(() => running.stop());

/** Somebody who may read nodes and evict pods. */
const readers = new Map<string, Caller>([
  [
    "reader",
    {
      name: "reader",
      rules: [
        { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list"] },
        { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
      ],
    },
  ],
]);

function configOf(token: string): KubeConfig {
  const config = new KubeConfig();
  const caData = Buffer.from(running.certificate.ca).toString("base64");
  config.loadFromClusterAndUser(
    { name: "c", server: running.server.url, caData, skipTLSVerify: false },
    { name: "u", token },
  );
  return config;
}

/** A referee that is there where kubectl is not: Kubernetes' own JavaScript client. */
describe("Kubernetes' own JavaScript client", () => {
  it("lists nodes in pages", async () => {
    const first = await core.listNode({ limit: 2 });
    const next = first.metadata?._continue;
    const second = await core.listNode({ limit: 2, ...(next !== undefined && { _continue: next }) });
    const names = [...first.items, ...second.items].map(({ metadata }) => metadata?.name);
    expect(names).toEqual(["node-a", "node-b", "node-c"]);
  });

  it("finds the pods of a node by the field selector", async () => {
    const { items } = await core.listPodForAllNamespaces({ fieldSelector: "spec.nodeName=node-a" });
    expect(items.map(({ spec }) => spec?.nodeName)).toEqual(["node-a", "node-a"]);
  });

  it("patches a node, and is refused with a version that is not the newest", async () => {
    const patch = (resourceVersion: string) =>
      core.patchNode(
        { name: "node-b", body: { metadata: { resourceVersion }, spec: { unschedulable: true } } },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      );
    const { metadata } = await core.readNode({ name: "node-b" });
    const patched = await patch(metadata?.resourceVersion ?? "");
    expect(patched.spec?.unschedulable).toBe(true);
    await expect(patch(metadata?.resourceVersion ?? "")).rejects.toMatchObject({ code: 409 });
  });

  it("is refused an eviction that a budget does not allow", async () => {
    const [pod] = (await core.listNamespacedPod({ namespace: "default" })).items;
    const name = pod?.metadata?.name ?? "";
    const eviction = core.createNamespacedPodEviction({
      name,
      namespace: "default",
      body: { metadata: { name } },
    });
    await expect(eviction).rejects.toMatchObject({ code: 429 });
  });

  it("reads what a budget allows", async () => {
    const { items } = await policy.listPodDisruptionBudgetForAllNamespaces();
    expect(items.map(({ status }) => [status?.currentHealthy, status?.disruptionsAllowed])).toEqual([[6, 0]]);
  });

  it.each([
    ["reader", { verb: "list", resource: "nodes" }, true],
    ["reader", { verb: "patch", resource: "nodes" }, false],
    ["reader", { verb: "list", resource: "nodes", group: "metrics.k8s.io" }, false],
    ["reader", { verb: "create", resource: "pods", subresource: "eviction" }, true],
    ["reader", { verb: "create", resource: "pods" }, false],
    [ADMIN_TOKEN, { verb: "delete", resource: "nodes" }, true],
  ])(
    "is told whether %s may %o, as kubectl auth can-i asks: %s",
    async (token, resourceAttributes, allowed) => {
      const authorization = configOf(token).makeApiClient(AuthorizationV1Api);
      const { status } = await authorization.createSelfSubjectAccessReview({
        body: { spec: { resourceAttributes } },
      });
      expect(status?.allowed).toBe(allowed);
    },
  );
});
