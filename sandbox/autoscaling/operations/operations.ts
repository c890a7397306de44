import type { Operation } from "../../wire/answer.ts";
import type { Groups } from "../groups.ts";
import { GROUP_OPERATIONS } from "./groups.ts";
import { INSTANCE_OPERATIONS } from "./instances.ts";
import { LIFECYCLE_HOOK_OPERATIONS } from "./lifecycle-hooks.ts";
import { PROCESS_OPERATIONS } from "./processes.ts";
import { WARM_POOL_OPERATIONS } from "./warm-pools.ts";

const OPERATIONS = {
  ...GROUP_OPERATIONS,
  ...INSTANCE_OPERATIONS,
  ...LIFECYCLE_HOOK_OPERATIONS,
  ...PROCESS_OPERATIONS,
  ...WARM_POOL_OPERATIONS,
};

/** What EC2 Auto Scaling does for node pools, on these groups. */
export const autoScalingOperations = (groups: Groups): Record<string, Operation> =>
  Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, operation]) => [name, (input) => operation(groups, input)]),
  );
