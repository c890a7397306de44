import { Blocked } from "../../../../shared/lambda/errors.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { NamedPool } from "../../../../shared/node-pools/policy.ts";
import { poolMinReason } from "../../decide/pool-limits.ts";
import type { PoolInstances } from "../../observe/pool-instances.ts";

/**
 * The last look before a pool gets smaller: since the drain began, its min may have risen, or something else may have
 * made it smaller.
 *
 * @throws Blocked when the pool is at its min
 */
export function holdAtMin(pool: NamedPool, { size }: PoolInstances, { clock }: Pick<Run, "clock">): void {
  const why = poolMinReason({ policy: pool.policy, size, leaving: new Set(), now: clock.now() });
  if (why) throw new Blocked(why.text, { resource: `node-pool/${pool.name}` });
}
