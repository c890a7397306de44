import type { Approval } from "../../../shared/approvals/request.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { Misconfigured, mergeFailures, type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { ChangedPart, History, Intent, Outcome } from "../../../shared/ledger/entry.ts";
import type { ClaimedItem } from "../../../shared/ledger/outbox.ts";
import type { OutboxEntry } from "../../../shared/ledger/outbox-item.ts";
import { clusterOf } from "../../../shared/node-pools/policy.ts";
import { callOf } from "../model/action.ts";
import type { ClusterNode, Pool } from "../model/cluster.ts";
import type { Decision, NodeRef, Verdict } from "../model/decision.ts";
import { textsOf } from "../model/reason.ts";
import { type Dependencies, resourceOf } from "../run/dependencies.ts";
import { GroupBusy, setSize } from "./set-size.ts";
import { terminateInstance } from "./terminate-instance.ts";
import { uncordon } from "./uncordon.ts";

/** What a decision is carried out on, and for what. */
export interface ActInput {
  /** Of the intent in the ledger. */
  readonly id: string;
  /** When it was decided, ms since the epoch. */
  readonly now: number;
  readonly trigger: string;
  readonly pool: Pool;
  readonly history: History;
  /** Absent for a pool that is sized from metrics. */
  readonly api?: KubernetesApi | undefined;
  readonly nodes: readonly ClusterNode[];
  /** Who approved it, where the mode is `ask`. */
  readonly approval?: Approval | undefined;
  /** What people are notified of when it is done: it is written with the outcome. */
  readonly outgoing: OutboxEntry;
}

/**
 * Carries out one decision: lease and intent, all calls side by side, the outcome. It may be killed after any
 * of them: the next run finds what the pool shows and decides again.
 *
 * Throws when the ledger did not let it begin, because another run acts or acted: `RetryLater`. Answers with a failure
 * when nothing was done, or not all of it: `RetryLater` when a group is
 * busy or no answer came; `Blocked` and `Misconfigured` as AWS and Kubernetes answer.
 */
export async function act(
  decision: Decision,
  input: ActInput,
  run: Run,
  deps: Dependencies,
): Promise<ActResult> {
  const { id, pool, history } = input;
  const { signal } = run;
  const intent = intentOf(decision, input, run.traceId);
  const lease = await deps.ledger.begin(history, intent, id, signal);
  const results = await Promise.allSettled([
    ...decision.uncordon.map((node) => uncordonNode(node, input, signal)),
    ...decision.capacityChanges.map((change) => setSize(change, pool, deps, signal)),
    ...decision.terminate.map((termination) => terminateInstance(termination, deps, signal)),
    ...(decision.drain.length > 0 ? [deps.requestDrain(pool.name, decision.drain, id, signal)] : []),
  ]);
  const failures = results.flatMap((result) =>
    result.status === "rejected" ? [asFailure(result.reason, intent.action, resourceOf(pool.name))] : [],
  );
  const outcome = outcomeOf(failures, results.length, run.clock.now());
  const outgoing = outcome?.result === "applied" ? input.outgoing : undefined;
  const claimed = outcome && (await deps.ledger.finish(lease, outcome, signal, outgoing));
  const [first, ...others] = failures;
  return { ...(claimed && { claimed }), ...(first && { failure: mergeFailures([first, ...others]) }) };
}

/** What came of it: a part of it may have been done. */
export interface ActResult {
  /** The notification, for this run to send. */
  readonly claimed?: ClaimedItem;
  readonly failure?: ReflexError;
}

function intentOf(
  decision: Decision,
  { id, now, trigger, pool, approval }: ActInput,
  traceId?: string,
): Intent {
  const { verdict, from, to, reasons, evidence } = decision;
  const cluster = clusterOf(pool.policy);
  const parts = partsOf(decision);
  return {
    id,
    at: now,
    automation: "scale-node-pools",
    action: callOf(decision, pool),
    direction: DIRECTIONS[verdict] ?? "none",
    from,
    to,
    reasons: textsOf(reasons),
    evidence: { ...evidence, ...(cluster !== undefined && { cluster }) },
    ...(parts.length > 0 && { parts }),
    trigger,
    ...(traceId !== undefined && { traceId }),
    ...(approval && { approval }),
  };
}

/** The groups that get another size, and the nodes that are drained. */
const partsOf = ({ capacityChanges, drain }: Decision): ChangedPart[] => [
  ...capacityChanges.map(({ group, from, to }) => ({ name: group, size: { from, to } })),
  ...drain.map(({ node }) => ({ name: node })),
];

const DIRECTIONS: Partial<Record<Verdict, Intent["direction"]>> = { "scale-out": "out", "scale-in": "in" };

/**
 * Applied as soon as a part of it was: what is missing the next run sees. Without an outcome the intent stays
 * in doubt: no answer came, and the next run reads from the pool what became of it.
 */
function outcomeOf(failures: readonly ReflexError[], calls: number, at: number): Outcome | undefined {
  const detail = failures.map(({ message }) => message).join("\n");
  if (failures.length < calls) return { result: "applied", at, ...(detail !== "" && { detail }) };
  const inDoubt = failures.some(
    (failure) => failure instanceof RetryLater && !(failure instanceof GroupBusy),
  );
  return inDoubt ? undefined : { result: "refused", at, detail };
}

async function uncordonNode(
  { node: name }: NodeRef,
  { api, nodes }: ActInput,
  signal: AbortSignal,
): Promise<void> {
  const node = nodes.find((each) => each.name === name);
  if (!api || !node) throw new Misconfigured(`node ${name} is in no cluster that can be asked`);
  await uncordon(api, node, signal);
}
