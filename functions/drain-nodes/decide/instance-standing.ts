import type { Reason } from "../../../shared/node-pools/reason.ts";

/** What somebody else has done with the instance of a node that we drain and that could stay. */
export type SetAside = Reason<"terminating" | "left-group" | "not-in-service">;

/**
 * Why a drain that makes room for nothing any more ends. The instance is being terminated already (EKS then drains the
 * nodes of its managed groups itself), or a person has taken it out of its group or out of service.
 *
 * @param lifecycleState as AWS says it of the instance; undefined when no group has it
 */
export function setAside(
  instanceId: string,
  lifecycleState: string | undefined,
  { ready }: { readonly ready: boolean },
): SetAside | undefined {
  // The node of an instance that was terminated by hand is gone in a moment.
  if (lifecycleState === undefined || lifecycleState.startsWith("Detach"))
    return ready ? { code: "left-group", text: `instance ${instanceId} is in no group any more` } : undefined;
  if (lifecycleState.startsWith("Terminat"))
    return { code: "terminating", text: `AWS terminates instance ${instanceId} already (${lifecycleState})` };
  if (lifecycleState.endsWith("Standby"))
    return { code: "not-in-service", text: `somebody has put instance ${instanceId} into standby` };
  return undefined;
}
