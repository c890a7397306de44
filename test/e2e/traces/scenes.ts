import { budget, deployment } from "../../../sandbox/fixtures/seeds.ts";
import { asNode, asPod } from "../../../sandbox/kubernetes/parsed.ts";
import { alarmEvent, sampleEvent } from "../setup/test-rig.ts";
import { EXPECTED, type SceneName } from "./expected.ts";
import { newestPlan } from "./ledger-entries.ts";
import type { Scenery, Woken } from "./scenery.ts";

export const SCENES = Object.keys(EXPECTED) as readonly SceneName[];

/** Everything the functions do, once each, in one account; what came of it by its name in expected.ts. */
export async function play(scenery: Scenery): Promise<Record<SceneName, Woken>> {
  const { main, wake, minutes } = scenery;
  const { store } = main.cluster.state;
  const podsOn = (node: string) => store.list("pods").filter((pod) => asPod(pod).nodeName === node).length;

  await scenery.createStream("orders");
  await scenery.put("orders", 10);
  const resharded = await wake("reshard-streams", alarmEvent("orders"));
  const swept = await wake("reshard-streams", tick(scenery, "reshard-streams"));
  const checked = await wake("check-sites", tick(scenery, "check-sites"));
  const landed = await wake("ingest-events", sampleEvent("ingest-events-poison.json"));

  // Three to a node, and two have to be there.
  main.cluster.create(deployment("web", 8, { milliCpu: 500 }), budget("web", 7));
  const grown = await wake("scale-node-pools", { nodePool: "workers" });
  await minutes(2);
  // Their names are random: the fuller one of the zone that has two.
  const [first, second] = store
    .list("nodes")
    .map(asNode)
    .filter(({ machine }) => machine?.zone === "us-east-1a")
    .toSorted((a, b) => podsOn(b.name) - podsOn(a.name));
  if (!first?.machine || !second?.machine) throw new Error("there are no two nodes");
  const drained = await wake("drain-nodes", {
    nodePool: "workers",
    drain: [{ node: first.name, instanceId: first.machine.instanceId }],
    reason: "scale-in",
    plan: await newestPlan(scenery),
  });
  const asked = await wake("termination-policy", {
    AutoScalingGroupName: "workers-a",
    Instances: [{ InstanceId: first.machine.instanceId }, { InstanceId: second.machine.instanceId }],
    Cause: "REBALANCE",
  });
  store.remove("poddisruptionbudgets", "default", "web");
  const web = store.get("deployments", "default", "web");
  store.replace("deployments", { ...web, spec: { ...web.spec, replicas: 1 } });
  main.cluster.settle();
  await minutes(2);
  const ended = await wake("drain-nodes", tick(scenery, "drain-nodes"));
  const shrunk = await shrinking(scenery);

  scenery.account.faults.inject({
    kind: "server-error",
    service: "kinesis",
    operation: "ListShards",
    times: 4,
  });
  const failed = await wake("reshard-streams", alarmEvent("events"));
  scenery.account.faults.clear();
  return {
    "a stream is resharded": resharded,
    "streams are swept": swept,
    "sites are checked": checked,
    "records are landed": landed,
    "a node pool grows": grown,
    "a node is drained": drained,
    "a termination is asked for": asked,
    "a drained node is ended": ended,
    "a node pool shrinks": shrunk,
    "a call fails": failed,
  };
}

/** Looks until the pool has been idle for long enough. */
async function shrinking(scenery: Scenery): Promise<Woken> {
  for (let look = 0; look < 10; look += 1) {
    const woken = await scenery.wake("scale-node-pools", tick(scenery, "scale-node-pools"));
    if (woken.run.result.ok && woken.run.result.payload.includes("drain")) return woken;
    await scenery.minutes(1);
  }
  throw new Error("the pool does not shrink");
}

function tick({ account }: Scenery, name: string): unknown {
  return {
    source: "aws.events",
    "detail-type": "Scheduled Event",
    time: new Date(account.clock.now()).toISOString(),
    resources: [`arn:aws:events:us-east-1:000000000000:rule/reflex-dev-${name}`],
    detail: {},
  };
}
