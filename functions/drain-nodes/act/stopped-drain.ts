import type { Node } from "../../../shared/kubernetes/node.ts";
import { DRAIN_TAINT } from "../../../shared/kubernetes/scheduling/toleration.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";
import { type NodeReasonCode, type NodeResult, nodeResult, type ResultSubject } from "../model/drain.ts";
import { notifyResult } from "../notify/notification.ts";
import type { Held, RunDependencies } from "../run/dependencies.ts";

/** An alarm fires when this goes on after the last deadline (deploy/monitoring.ts). */
export function recordAge(nodePool: string, startedAt: number, run: Run): void {
  const ageSeconds = Math.max(0, run.clock.now() - startedAt) / 1000;
  run.metrics.record("DrainAge", "Seconds", ageSeconds, { NodePool: nodePool });
}

/** Why a drain has stopped halfway. */
export interface Stop extends Reason<NodeReasonCode> {
  /** What ends it, after "until". */
  readonly until: string;
}

export const stoppedBy = ({ code, text }: Held): Stop => ({
  code,
  text,
  until: code === "paused" ? "then" : "mode is act again",
});

/** A patch replaces a node's taints: with one that cannot be read it would take that away. */
export const unreadableStop = ({ unreadable }: Pick<Node, "unreadable">): Stop | undefined =>
  unreadable === undefined
    ? undefined
    : {
        code: "node-unreadable",
        text: `the node has something that this version cannot read (${unreadable})`,
        until: "that is gone",
      };

/** A drain that has stopped halfway and whose node nothing may be written to: a person has to know. */
export async function reportStopped(
  about: ResultSubject,
  { code, text: why, until }: Stop,
  run: Run,
  deps: RunDependencies,
): Promise<NodeResult> {
  const text =
    `its drain has stopped, as ${why}; the node stays cordoned until ${until}, or ` +
    `"kubectl uncordon ${about.node}" and "kubectl taint node ${about.node} ${DRAIN_TAINT}-"`;
  const result = nodeResult(about, "stopped", code, text);
  await notifyResult(result, run, deps);
  return result;
}
