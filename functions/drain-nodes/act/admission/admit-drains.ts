import { randomUUID } from "node:crypto";
import { asFailure } from "../../../../shared/aws/failure.ts";
import type { DrainMark } from "../../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../../shared/kubernetes/node.ts";
import { type ReflexError, RetryLater } from "../../../../shared/lambda/errors.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { Intent } from "../../../../shared/ledger/entry.ts";
import type { NamedPool } from "../../../../shared/node-pools/policy.ts";
import type { NodeDrain } from "../../model/drain.ts";
import type { PoolInstances } from "../../observe/pool-instances.ts";
import type { Dependencies } from "../../run/dependencies.ts";
import { startMark } from "../drain-mark.ts";

/** A node that is to be marked. */
export interface PlannedMark {
  readonly drain: NodeDrain;
  readonly node: Node;
  readonly mark: DrainMark;
}

/** Nodes of one pool that are to be marked, by the pool as it was read. */
export interface PlannedDrains {
  readonly marks: readonly PlannedMark[];
  readonly instances: Pick<PoolInstances, "present" | "size">;
}

export interface AdmittedDrains {
  readonly drains: readonly NodeDrain[];
  /** Nodes that could not be marked. */
  readonly failures: readonly ReflexError[];
}

/**
 * What makes a pool smaller, or holds nodes back from it, is written here by one run at a time: a run that decided on
 * the pool as it was before another's change may change nothing.
 */
export const drainsOf = ({ name }: Pick<NamedPool, "name">): string => `node-pool/${name}/drains`;

/**
 * Marks nodes of one pool. Two runs that read the pool at the same time would each find room for a node: the ledger lets
 * only one of them go on.
 *
 * @param plan reads the pool and decides; it is called after the ledger was read
 * @throws RetryLater when another run admits drains of the pool, or did since this one looked: no node is marked
 */
export async function admitDrains(
  pool: NamedPool,
  plan: () => Promise<PlannedDrains>,
  run: Run,
  { ledger }: Pick<Dependencies, "ledger">,
): Promise<AdmittedDrains> {
  const resource = drainsOf(pool);
  const now = run.clock.now();
  const read = await ledger.history(resource, now, run.signal);
  const { pending, leasedUntil = 0 } = read;
  const { marks, instances } = await plan();
  if (marks.length === 0) return { drains: [], failures: [] };
  if (pending && leasedUntil > now)
    throw new RetryLater(`another run is changing ${resource}: no node was marked`, { resource });
  const { history } = pending
    ? await ledger.recover(read, recovered(pending, instances, now), run.signal)
    : { history: read };
  const intent = intentOf(marks, instances.size, run);
  const lease = await ledger.begin(history, intent, intent.id, run.signal);
  const written = await Promise.allSettled(
    marks.map(({ drain, node, mark }) => startMark(drain.api, node, mark, run)),
  );
  const failures = written.flatMap((result, index) =>
    result.status === "rejected"
      ? [asFailure(result.reason, "drain", `node/${marks[index]?.node.name}`)]
      : [],
  );
  const result = failures.length < marks.length ? "applied" : "refused";
  await ledger.finish(lease, { result, at: run.clock.now() }, run.signal);
  return {
    drains: marks.flatMap(({ drain }, index) => (written[index]?.status === "fulfilled" ? [drain] : [])),
    failures,
  };
}

/** What the pool shows of a change whose run left no outcome. Marks show on their nodes, and were counted there. */
export const isInstanceGone = ({ evidence }: Intent, { present }: Pick<PoolInstances, "present">): boolean =>
  typeof evidence.instanceId === "string" && !present.has(evidence.instanceId);

const recovered = (pending: Intent, instances: Pick<PoolInstances, "present">, at: number) => ({
  result: isInstanceGone(pending, instances) ? ("applied" as const) : ("lost" as const),
  at,
  detail: "its run left no outcome",
});

function intentOf(marks: readonly PlannedMark[], size: number, run: Run): Intent {
  const shrinking = marks.filter(({ mark }) => mark.cause === "scale-in");
  return {
    id: randomUUID(),
    at: run.clock.now(),
    automation: run.automation,
    action: "mark nodes",
    direction: "none",
    from: size,
    to: size - shrinking.length,
    reasons: marks.map(({ node, mark }) => `node ${node.name} is drained: ${mark.cause}`),
    evidence: { nodes: marks.map(({ node }) => node.name).join(", ") },
    trigger: [...new Set(marks.map(({ mark }) => mark.cause))].join(", "),
    ...(run.traceId !== undefined && { traceId: run.traceId }),
  };
}
