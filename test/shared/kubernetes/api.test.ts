import { afterEach, describe, expect, it } from "vitest";
import { budget, deployment } from "../../../sandbox/fixtures/seeds.ts";
import type { Authenticate } from "../../../sandbox/kubernetes/api-server/access.ts";
import { createCertificate } from "../../../sandbox/kubernetes/api-server/certificate.ts";
import { httpsApi, type KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { KubernetesError } from "../../../shared/kubernetes/api/errors.ts";
import { deletePod, evictPod } from "../../../shared/kubernetes/api/eviction.ts";
import { collect } from "../../../shared/kubernetes/api/list/pages.ts";
import { listBudgets } from "../../../shared/kubernetes/budget.ts";
import { findNode, listNodes, patchNode, readNode } from "../../../shared/kubernetes/node.ts";
import { podPages, podsOnNode } from "../../../shared/kubernetes/pod.ts";
import { Blocked, RetryLater } from "../../../shared/lambda/errors.ts";
import { ADMIN_TOKEN, admin, type RunningCluster, startCluster } from "../../sandbox/kubernetes/a-cluster.ts";

let running: RunningCluster | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function connected(
  authenticate: Authenticate = admin,
  token = ADMIN_TOKEN,
): Promise<RunningCluster & { api: KubernetesApi }> {
  running = await startCluster({ authenticate });
  const address = { name: "main", endpoint: running.server.url, ca: running.certificate.ca };
  return { api: httpsApi(address, async () => token), ...running };
}

/** The error a call ends with. */
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable("it succeeded"),
    (error) => error,
  );

describe("the Kubernetes API over HTTPS", () => {
  it("reads nodes with their machine, readiness and room", async () => {
    const [node] = await listNodes((await connected()).api);
    expect(node).toMatchObject({
      name: "node-a",
      machine: { zone: "us-east-1a", instanceId: expect.stringMatching(/^i-/) },
      ready: true,
      unschedulable: false,
      allocatable: { milliCpu: 2000, memory: 8 * 2 ** 30, pods: 10 },
    });
  });

  it("finds the node on an instance, whatever cannot be read of the others", async () => {
    const { api, cluster } = await connected();
    const { store } = cluster.state;
    const strange = store.get("nodes", "", "node-a");
    const taints = [{ key: "a", effect: "NoBinding" }];
    store.replace("nodes", { ...strange, spec: { ...strange.spec, taints } });
    const instanceIds = ["a", "b"].map((zone) => `i-0${zone.charCodeAt(0)}6`);
    const [unreadable = "", readable = ""] = instanceIds;
    expect(await findNode(api, readable)).toMatchObject({ name: "node-b" });
    expect(await findNode(api, "i-0123")).toBeUndefined();
    expect(String(await failure(findNode(api, unreadable)))).toMatch(/node-a, spec.taints.0.effect/);
  });

  it("reads a list longer than a page to its end, as it was when it began", async () => {
    const { api, cluster } = await connected();
    cluster.create(deployment("many", 1201, { milliCpu: 1 }));
    const sizes: number[] = [];
    for await (const page of podPages(api)) {
      sizes.push(page.length);
      if (sizes.length === 1) cluster.create(deployment("late", 5));
    }
    expect(sizes).toEqual([500, 500, 201]);
  });

  it("comes again when the server no longer keeps the list it had begun", async () => {
    const { api, cluster, server } = await connected();
    cluster.create(deployment("many", 600, { milliCpu: 1 }));
    const pages = podPages(api);
    await pages.next();
    server.forgetLists();
    const error = await failure(pages.next());
    expect(error).toBeInstanceOf(RetryLater);
    expect(String(error)).toContain("the next run lists anew");
  });

  it("changes a node only as it was seen", async () => {
    const { api } = await connected();
    const node = await readNode(api, "node-a");
    const { resourceVersion } = node;
    const cordoned = await patchNode(api, node.name, {
      metadata: { resourceVersion },
      spec: { unschedulable: true },
    });
    expect(cordoned.unschedulable).toBe(true);
    const error = await failure(
      patchNode(api, node.name, { metadata: { resourceVersion }, spec: { taints: [] } }),
    );
    expect(error).toMatchObject({ status: { status: 409 } });
  });

  it("evicts this very pod within its budget, and learns which budget holds the next", async () => {
    const { api, cluster, clock } = await connected();
    cluster.create(deployment("web", 3), budget("web", 2));
    await clock.advance(10_000);
    const [first, second] = await collect(podPages(api));
    if (!first || !second) return expect.unreachable("no pods");
    const error = await failure(evictPod(api, { ...first, uid: "another" }, undefined));
    expect(error).toMatchObject({ status: { status: 409 } });
    await evictPod(api, first, undefined);
    const held = await failure(evictPod(api, second, undefined));
    expect(held).toMatchObject({
      status: {
        status: 429,
        causes: [
          {
            reason: "DisruptionBudget",
            message: "The disruption budget web needs 2 healthy pods and has 2 currently",
          },
        ],
      },
    });
    expect(await listBudgets(api)).toMatchObject([{ name: "web", disruptionsAllowed: 0, desiredHealthy: 2 }]);
  });

  it("deletes this very pod past its budget", async () => {
    const { api, cluster, clock } = await connected();
    cluster.create(deployment("web", 1), budget("web", 1));
    await clock.advance(10_000);
    const [pod] = await collect(podsOnNode(api, "node-a"));
    if (!pod) return expect.unreachable("no pod");
    expect(await failure(deletePod(api, { ...pod, uid: "another" }, 1))).toMatchObject({
      status: { status: 409 },
    });
    await deletePod(api, pod, 1);
    await clock.advance(2_000);
    expect((await collect(podPages(api))).map(({ uid }) => uid)).not.toContain(pod.uid);
  });

  it("says that the access entry is missing where the cluster does not know who asks", async () => {
    const error = await failure(listNodes((await connected(admin, "unknown")).api));
    expect(error).toBeInstanceOf(Blocked);
    expect(String(error)).toMatch(
      /"main" does not know this function's role \(401 on list nodes\).*access-entry\.md/,
    );
  });

  it("names the verb and the resource its ClusterRole lacks", async () => {
    const rules = [{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }];
    const { api } = await connected(() => ({ name: "reflex", rules }));
    await listNodes(api);
    const error = await failure(patchNode(api, "node-a", { spec: { unschedulable: true } }));
    expect(error).toBeInstanceOf(Blocked);
    expect(String(error)).toContain(
      'ClusterRole with the verb "patch" on "nodes" (docs/kubernetes/cluster-role.yaml)',
    );
  });

  it("learns what does not exist", async () => {
    const error = await failure(readNode((await connected()).api, "node-z"));
    expect(error).toBeInstanceOf(KubernetesError);
    expect(error).toMatchObject({ status: { status: 404, reason: "NotFound" } });
  });

  it("does not speak to a server of another authority", async () => {
    const { server } = await connected();
    const { ca } = await createCertificate();
    const api = httpsApi({ name: "main", endpoint: server.url, ca }, async () => ADMIN_TOKEN);
    const error = await failure(listNodes(api));
    expect(error).toBeInstanceOf(RetryLater);
    expect(String(error)).toMatch(/gave no answer to list nodes \(.*certificate/i);
  });

  it("comes again where nobody answers", async () => {
    const { api, server } = await connected();
    await server.stop();
    expect(String(await failure(listNodes(api)))).toMatch(
      /gave no answer to list nodes .*: the next run asks again/,
    );
  });

  it("ends with the run", async () => {
    const end = new AbortController();
    const call = failure(listNodes((await connected()).api, { signal: end.signal }));
    end.abort();
    expect(String(await call)).toMatch(/gave no answer to list nodes/);
  });
});
