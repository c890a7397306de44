import { afterAll, beforeAll, test } from "vitest";
import { asNode } from "../../../sandbox/kubernetes/parsed.ts";
import { deployment } from "../../node-pools/world.ts";
import { alarmEvent, sampleEvent } from "../house.ts";
import { type Scenery, startScenery } from "./scenery.ts";
import { treeOf } from "./tree.ts";

let scenery: Scenery;
beforeAll(async () => {
  const t = performance.now();
  scenery = await startScenery();
  console.log("started", performance.now() - t);
});
afterAll(() => scenery.stop());

const show = async (name: Parameters<Scenery["wake"]>[0], event: unknown) => {
  const t = performance.now();
  const { trace, run } = await scenery.wake(name, event);
  console.log(
    `${treeOf(trace)}\n${JSON.stringify(run.result).slice(0, 600)}\n${Math.round(performance.now() - t)} ms`,
  );
  return { trace, run };
};
const schedule = (rule: string) => ({
  ...JSON.parse(JSON.stringify(sampleEvent("check-sites-schedule.json"))),
  time: new Date(scenery.account.clock.now()).toISOString(),
  resources: [`arn:aws:events:us-east-1:000000000000:rule/${rule}`],
});

test("print", async () => {
  await scenery.createStream("acts");
  await scenery.put("acts", 10);
  await show("reshard-streams", alarmEvent("acts"));
  await show("reshard-streams", schedule("reflex-dev-reshard-streams"));
  await show("check-sites", schedule("reflex-dev-check-sites"));
  await show("ingest-events", sampleEvent("ingest-events-poison.json"));
  scenery.main.cluster.create(deployment("web", 8, { milliCpu: 500 }));
  await show("scale-node-pools", { nodePool: "workers" });
  await scenery.minutes(2);
  const [node] = scenery.main.cluster.state.store.list("nodes").map(asNode);
  await show("drain-nodes", {
    nodePool: "workers",
    drain: [{ node: node?.name, instanceId: node?.machine?.instanceId }],
    reason: "scale-in",
    plan: "plan-1",
  });
  await show("termination-policy", sampleEvent("termination-policy-rebalance.json"));
  await show("drain-nodes", {});
  console.log(scenery.account.xray.breaches);
  console.log(
    scenery.account.lambda
      .invocations()
      .flatMap(({ log }) => log)
      .slice(0, 400)
      .map((x) => x.slice(0, 400))
      .join("\n"),
  );
});
