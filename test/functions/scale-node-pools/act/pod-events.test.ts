import { afterAll, expect, test } from "vitest";
import { PodEvents } from "../../../../functions/scale-node-pools/act/pod-events.ts";
import type { Warning } from "../../../../functions/scale-node-pools/model/decision.ts";
import { createClock } from "../../../../sandbox/clock/clock.ts";
import type { KubernetesApi } from "../../../../shared/kubernetes/api/api.ts";
import type { ApiCall } from "../../../../shared/kubernetes/api/call.ts";
import { KubernetesError } from "../../../../shared/kubernetes/api/errors.ts";
import { Blocked } from "../../../../shared/lambda/errors.ts";
import { aRun } from "../../../node-pools/run.ts";

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;

const clock = createClock({ speed: 0, onError: console.error });
afterAll(() => clock.stop());
const run = () => aRun("scale-node-pools", clock);

/** A cluster that answers each call like this. */
function clusterThat(answer: () => unknown) {
  const calls: ApiCall[] = [];
  const api: KubernetesApi = {
    cluster: "main",
    call: async (call) => {
      calls.push(call);
      return answer();
    },
    list: async () => ({}),
  };
  return { api, calls };
}

const warning = (pods: number): Warning => ({
  code: "pods-unschedulable",
  about: "shop/Deployment/web",
  text: "pods fit no node pool: workers: too large",
  pods: Array.from({ length: pods }, (_, at) => ({ id: `shop/web-${at}`, uid: `uid-${at}` })),
});

const refused = (status: number) => () => {
  throw new KubernetesError("refused", { status, reason: "", message: "", causes: [] });
};

test("a pod gets one Event an hour, in its namespace, with the reason", async () => {
  const { api, calls } = clusterThat(() => ({}));
  const events = new PodEvents();
  for (const at of [NOW, NOW + 1, NOW + HOUR]) await events.report(api, [warning(1)], at, run());
  expect(calls).toHaveLength(2);
  expect(calls[0]).toMatchObject({
    method: "POST",
    path: "/api/v1/namespaces/shop/events",
    body: {
      reason: "NotTriggerScaleUp",
      message: "pods fit no node pool: workers: too large",
      involvedObject: { kind: "Pod", namespace: "shop", name: "web-0", uid: "uid-0" },
    },
  });
  const names = calls.map(({ body }) => (body as { metadata: { name: string } }).metadata.name);
  expect(new Set(names).size).toBe(2);
});

test("another process names it the same, and takes the refusal for done", async () => {
  const first = clusterThat(() => ({}));
  await new PodEvents().report(first.api, [warning(1)], NOW, run());
  const second = clusterThat(refused(409));
  const events = new PodEvents();
  await events.report(second.api, [warning(1)], NOW + 60_000, run());
  await events.report(second.api, [warning(1)], NOW + 120_000, run());
  expect(second.calls.map(({ body }) => (body as { metadata: unknown }).metadata)).toEqual(
    first.calls.map(({ body }) => (body as { metadata: unknown }).metadata),
  );
});

test("many pods get theirs over several runs", async () => {
  const { api, calls } = clusterThat(() => ({}));
  const events = new PodEvents();
  const after: number[] = [];
  for (let look = 0; look < 4; look += 1) {
    await events.report(api, [warning(50)], NOW + look, run());
    after.push(calls.length);
  }
  expect(after).toEqual([20, 40, 50, 50]);
});

test("without the permission nothing fails, and the cluster is not asked again in this hour", async () => {
  const { api, calls } = clusterThat(() => {
    throw new Blocked("no verb create on events");
  });
  const events = new PodEvents();
  await events.report(api, [warning(1)], NOW, run());
  await events.report(api, [warning(30)], NOW + 1, run());
  expect(calls).toHaveLength(1);
  await events.report(api, [warning(1)], NOW + HOUR, run());
  expect(calls).toHaveLength(2);
});

test("an Event that the server did not take is tried again, and what is no answer of it is thrown", async () => {
  const { api, calls } = clusterThat(refused(500));
  const events = new PodEvents();
  await events.report(api, [warning(1)], NOW, run());
  await events.report(api, [warning(1)], NOW + 1, run());
  expect(calls).toHaveLength(2);
  const broken = clusterThat(() => {
    throw new TypeError("a fault of ours");
  });
  await expect(events.report(broken.api, [warning(1)], NOW, run())).rejects.toThrow(TypeError);
});
