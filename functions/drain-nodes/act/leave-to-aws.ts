import type { Node } from "../../../shared/kubernetes/node.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";
import {
  type NodeDrain,
  type NodeReasonCode,
  type NodeResult,
  nodeResult,
  type ResultSubject,
} from "../model/drain.ts";
import { handOver } from "./drain-mark.ts";

/**
 * Ends a drain whose instance is being terminated already, by AWS, by EKS, or by somebody's call: our mark goes, the
 * cordon stays. A lifecycle hook of ours starts the drain anew by its own event; EKS goes on with those of its groups.
 */
export async function leaveToAws(
  drain: ResultSubject & Pick<NodeDrain, "api">,
  node: Node,
  { code, text }: Reason<NodeReasonCode>,
  run: Run,
): Promise<NodeResult> {
  await run.stage("act", () => handOver(drain.api, node, run.signal));
  const result = nodeResult(drain, "gone", code, `${text}: the drain ends, the node stays cordoned`);
  run.log.info(result.reason.text, { node: node.name });
  return result;
}
