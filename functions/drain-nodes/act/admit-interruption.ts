import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { type DrainMark, type DrainReason, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Charge } from "./drain-node.ts";
import { complete, heartbeat, heartbeatSeconds } from "./lifecycle-hook.ts";
import { type House, mayAct, type NamedPool } from "../run/dependencies.ts";
import { markInStage } from "./drain-mark.ts";
import { clusterApi, nodeOnInstance, poolOfGroup, poolOfInstance } from "../observe/find-pool.ts";
import type { Begun, NodeResult } from "../model/drain.ts";
import type { HeldTermination, RebalanceRecommendation, SpotInterruption } from "../triggers/trigger.ts";

/** AWS's word that an instance goes, or may go. */
export type Notice = HeldTermination | SpotInterruption | RebalanceRecommendation;

/** A later notice takes a drain over from an earlier one only when it leaves less time. */
const URGENCY: Readonly<Record<DrainReason, number>> = {
  "scale-in": 0,
  "rebalance-recommendation": 1,
  "lifecycle-hook": 2,
  "spot-interruption": 3,
};

/** A notice about an instance of no pool of ours is none of our business; the answer says so. */
export type NoticeBegun = Begun & { readonly nothing?: string };

/** Marks the node of an instance that AWS is about to take. */
export async function beginNotice(notice: Notice, run: Run, house: House): Promise<NoticeBegun> {
  const { instanceId } = notice;
  const pool =
    notice.kind === "lifecycle-hook"
      ? await poolOfGroup(house, notice.group, run.signal)
      : await poolOfInstance(house, instanceId, run.signal);
  if (!pool) return nothing(`instance ${instanceId} is in no node pool of the config`);
  if (
    notice.kind === "rebalance-recommendation" &&
    pool.policy.drain.onRebalanceRecommendation === "ignore"
  ) {
    return nothing(`node pool ${pool.name} ignores rebalance recommendations`);
  }
  const api = await clusterApi(house, pool, run.signal);
  if (!api)
    return nothing(`node pool ${pool.name} has no \`cluster\`: instance ${instanceId} goes undrained`);
  const node = await nodeOnInstance(api, instanceId, run.signal);
  if (!mayAct(house, pool)) {
    const result = resultOf(
      pool,
      node?.name ?? instanceId,
      notice,
      "observed",
      "would be emptied; mode is observe",
    );
    return { charges: [], results: [result], failures: [] };
  }
  if (!node) return withoutNode(notice, pool, run, house);
  const hook = notice.kind === "lifecycle-hook" ? await heldBack(notice, run, house) : undefined;
  if (notice.kind === "lifecycle-hook" && !hook) {
    return nothing(`lifecycle hook ${notice.hook} does not hold instance ${instanceId} back, or no more`);
  }
  return { charges: [await take(notice, hook, pool, api, node, run)], results: [], failures: [] };
}

/** Marks the node by this notice, unless it is being emptied for a more urgent reason. */
async function take(
  notice: Notice,
  hook: DrainMark["hook"],
  pool: NamedPool,
  api: KubernetesApi,
  node: Node,
  run: Run,
): Promise<Charge> {
  const charge = (reason: DrainReason): Charge => ({ pool, api, node: node.name, reason });
  const before = readDrainMark(node);
  const known = before?.ended === undefined ? before : undefined;
  const isRepeated = known?.reason === notice.kind && known.hook?.token === hook?.token;
  if (known && (isRepeated || URGENCY[known.reason] > URGENCY[notice.kind])) {
    // The instance's own hook goes with whatever empties it: it is completed when the node is empty.
    if (hook && !known.hook) await markInStage(api, node, { ...known, hook }, run);
    return charge(known.reason);
  }
  const taken: DrainMark = {
    since: Math.floor(notice.at / 1000),
    nodePool: pool.name,
    reason: notice.kind,
    instanceId: notice.instanceId,
    ...(hook && { hook }),
  };
  await markInStage(api, node, taken, run);
  return charge(notice.kind);
}

/**
 * The hook, kept from running out; undefined when it holds nothing back. AWS is asked because the event proves
 * nothing: it may be late, or about an instance that goes on serving.
 */
async function heldBack(notice: HeldTermination, run: Run, house: House): Promise<DrainMark["hook"]> {
  const { group, hook: name, token, instanceId, toWarmPool } = notice;
  const seconds = await heartbeatSeconds(house.autoScaling, group, name, run.signal);
  // Lambda may have been late: a first heartbeat gives the drain the hook's whole time.
  if (!(await heartbeat(house.autoScaling, { group, name, token }, instanceId, run.signal))) return undefined;
  return {
    group,
    name,
    token,
    heartbeatSeconds: seconds,
    beatAt: Math.floor(run.clock.now() / 1000),
    ...(toWarmPool && { toWarmPool }),
  };
}

/** The instance has no node: it never joined, or its node has gone before it. A hook need not hold it back. */
async function withoutNode(notice: Notice, pool: NamedPool, run: Run, house: House): Promise<NoticeBegun> {
  const { instanceId } = notice;
  const did = `instance ${instanceId} has no node in the cluster`;
  if (notice.kind !== "lifecycle-hook")
    return { charges: [], results: [resultOf(pool, instanceId, notice, "gone", did)], failures: [] };
  const hook = { group: notice.group, name: notice.hook, token: notice.token };
  const held = await complete(house.autoScaling, hook, instanceId, run.signal);
  const followed = `lifecycle hook ${hook.name} ${held ? "completed" : "was over already"}`;
  const result = resultOf(pool, instanceId, notice, "ended", `${did}: ${followed}`);
  return { charges: [], results: [result], failures: [] };
}

const nothing = (why: string): NoticeBegun => ({ charges: [], results: [], failures: [], nothing: why });

const resultOf = (
  pool: NamedPool,
  node: string,
  { kind }: Notice,
  outcome: NodeResult["outcome"],
  did: string,
): NodeResult => ({ nodePool: pool.name, node, reason: kind, outcome, did, evicted: 0, blockers: [] });
