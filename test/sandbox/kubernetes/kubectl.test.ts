import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { budget, daemonSet, deployment, statefulSet } from "../../../sandbox/fixtures/seeds.ts";
import { ADMIN_TOKEN, type RunningCluster, startCluster } from "./a-cluster.ts";

const isInstalled = spawnSync("kubectl", ["version", "--client"]).status === 0;

/** A second of the test is a minute of the cluster: a pod ends in less than a tenth of a second. */
const SPEED = 60;

let running: RunningCluster;
let home: string;

/** A real kubectl against the sandbox's Kubernetes. */
async function kubectl(...args: string[]): Promise<string> {
  const env = { ...process.env, HOME: home, KUBECONFIG: join(home, "config") };
  const { stdout, stderr } = await promisify(execFile)("kubectl", args, { env, timeout: 25_000 });
  return stdout + stderr;
}

describe.skipIf(!isInstalled)(`kubectl${isInstalled ? "" : " (skipped: it is not installed here)"}`, () => {
  beforeEach(async () => {
    running = await startCluster({ speed: SPEED });
    running.cluster.create(deployment("web", 6), budget("web", 5), daemonSet("logs"));
    home = mkdtempSync(join(tmpdir(), "reflex-kubectl-"));
    const ca = Buffer.from(running.certificate.ca).toString("base64");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: running.server.url, "certificate-authority-data": ca } }],
      users: [{ name: "u", user: { token: ADMIN_TOKEN } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      "current-context": "c",
    };
    writeFileSync(join(home, "config"), JSON.stringify(config));
  });
  afterEach(async () => {
    await running?.stop();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  it("gets the nodes with their status", async () => {
    expect(await kubectl("get", "nodes")).toMatch(
      /^NAME +STATUS.*\nnode-a +Ready .*\nnode-b +Ready .*\nnode-c +Ready /s,
    );
  });

  it("cordons and un-cordons", async () => {
    await kubectl("cordon", "node-c");
    expect(await kubectl("get", "node", "node-c")).toContain("Ready,SchedulingDisabled");
    await kubectl("uncordon", "node-c");
    expect(await kubectl("get", "node", "node-c")).not.toContain("SchedulingDisabled");
  });

  it("drains a node within its PodDisruptionBudget", async () => {
    const drained = await kubectl("drain", "node-a", "--ignore-daemonsets", "--timeout=20s");
    expect(drained).toContain("node/node-a drained");
    const left = await kubectl("get", "pods", "-A", "--field-selector=spec.nodeName=node-a", "-o", "name");
    expect(left.trim().split("\n")).toEqual([expect.stringMatching(/^pod\/logs-/)]);
    expect(running.cluster.endings().map(({ how }) => how)).toEqual(["evicted", "evicted"]);
  });

  it("describes a node with what runs on it", async () => {
    const described = await kubectl("describe", "node", "node-b");
    expect(described).toMatch(/ProviderID: +aws:\/\/\/us-east-1b\/i-/);
    expect(described).toMatch(/Non-terminated Pods: +\([1-9]/);
  });

  it("applies the ClusterRole of docs/kubernetes, twice", async () => {
    expect(await kubectl("apply", "-f", "docs/kubernetes/cluster-role.yaml")).toContain(
      "clusterrole.rbac.authorization.k8s.io/reflex created",
    );
    expect(await kubectl("apply", "-f", "docs/kubernetes/cluster-role.yaml")).toContain(
      "clusterrole.rbac.authorization.k8s.io/reflex unchanged",
    );
  });

  it.each([
    ["deployment/web", "default", 'deployment "web" successfully rolled out'],
    ["daemonset/logs", "kube-system", 'daemon set "logs" successfully rolled out'],
    ["statefulset/db", "default", "statefulset rolling update complete 2 pods"],
  ])("waits for the roll-out of %s", async (workload, namespace, done) => {
    running.cluster.create(statefulSet("db", 2));
    expect(await kubectl("rollout", "status", workload, "-n", namespace, "--timeout=20s")).toContain(done);
  });

  it.each([
    ["deployment", ["api", "--image=api", "--replicas=2"], "deployments", { replicas: 2 }],
    [
      "pdb",
      ["api", "--selector=app=api", "--min-available=50%"],
      "poddisruptionbudgets",
      { minAvailable: "50%" },
    ],
    [
      "pdb",
      ["one", "--selector=app=api", "--max-unavailable=1"],
      "poddisruptionbudgets",
      { maxUnavailable: 1 },
    ],
    [
      "job",
      ["once", "--image=busybox", "--", "date"],
      "jobs",
      { template: { spec: { restartPolicy: "Never" } } },
    ],
    ["namespace", ["shop"], "namespaces", {}],
  ])("creates a %s by flags, which it sends in protobuf", async (kind, flags, plural, spec) => {
    expect(await kubectl("create", kind, ...flags)).toMatch(/ created\n$/);
    const [name] = flags;
    const made = running.cluster.state.store.list(plural).find(({ metadata }) => metadata.name === name);
    expect(made?.spec ?? {}).toMatchObject(spec);
  });

  it("creates a ClusterRole, its binding and a PriorityClass by flags", async () => {
    await kubectl("create", "clusterrole", "pods", "--verb=get,list", "--resource=pods");
    await kubectl("create", "clusterrolebinding", "pods", "--clusterrole=pods", "--group=reflex");
    await kubectl("create", "priorityclass", "high", "--value=10");
    const { store } = running.cluster.state;
    expect(store.get("clusterroles", "", "pods")).toMatchObject({
      rules: [{ verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] }],
    });
    expect(store.get("clusterrolebindings", "", "pods")).toMatchObject({
      roleRef: { kind: "ClusterRole", name: "pods" },
      subjects: [{ kind: "Group", name: "reflex" }],
    });
    expect(store.get("priorityclasses", "", "high")).toMatchObject({ value: 10 });
  });

  it("asks what it may do", async () => {
    expect(await kubectl("auth", "can-i", "create", "pods", "--subresource=eviction")).toBe("yes\n");
  });

  it("evicts nothing in a dry run, and is refused one of what is only written", async () => {
    const drained = ["drain", "node-a", "--ignore-daemonsets", "--timeout=20s"];
    running.cluster.create({ ...budget("web", 0), metadata: { name: "second" } });
    await kubectl("cordon", "node-a");
    await kubectl(...drained, "--dry-run=server").catch(() => {});
    expect(await kubectl("cordon", "node-b", "--dry-run=server")).toMatch(
      /no dry runs but those of evictions/,
    );
    expect(running.cluster.endings()).toEqual([]);
    expect(await kubectl("get", "node", "node-b")).not.toContain("SchedulingDisabled");
  });

  it("scales a deployment, whose new pods are bound or wait", async () => {
    await kubectl("scale", "deployment", "web", "--replicas=40");
    const pods = await kubectl(
      "get",
      "pods",
      "-l",
      "app=web",
      "--field-selector=status.phase=Pending",
      "-o",
      "name",
    );
    expect(pods.trim().split("\n").length).toBeGreaterThan(10);
  });
});
