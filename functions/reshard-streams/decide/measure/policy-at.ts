import { isOpen } from "../../../../shared/time/windows.ts";
import type { StreamPolicy } from "../../config/policy.ts";

/** The policy with the bounds of the window that is open now, if one is; `now` in ms since the epoch. */
export function policyAt(policy: StreamPolicy, now: number): StreamPolicy {
  const open = policy.windows?.find(({ during }) => isOpen(during, now));
  if (!open) return policy;
  return { ...policy, min: open.min ?? policy.min, max: open.max ?? policy.max };
}
