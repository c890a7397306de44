import type { DrainMark } from "../../../../shared/kubernetes/drain-mark.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { NamedPool } from "../../../../shared/node-pools/policy.ts";
import { type SpotFleets, unitsOf } from "../../../../shared/node-pools/spot-fleet.ts";
import { poolInstances } from "../../observe/pool-instances.ts";
import type { Dependencies } from "../../run/dependencies.ts";
import { drainsOf } from "../admission/admit-drains.ts";
import { applyOnce } from "./apply-once.ts";
import { holdAtMin } from "./hold-at-min.ts";

const LOWER_TARGET = "ec2:ModifySpotFleetRequest";

/** A drained instance of a pool's Spot Fleet. */
export interface FleetMember {
  readonly fleet: string;
  readonly pool: NamedPool;
  readonly mark: DrainMark;
}

/**
 * Terminates a drained instance of a Spot Fleet. For a scale-in the target is lowered first, by what the
 * instance counts for: the other way round the fleet would launch another at once.
 */
export async function removeFromFleet(
  member: FleetMember,
  run: Run,
  deps: Pick<Dependencies, "autoScaling" | "ledger" | "poolQueue" | "pools" | "spotFleets">,
): Promise<string> {
  const { fleet, mark } = member;
  const fleets = await deps.spotFleets();
  if (mark.cause !== "scale-in") {
    await fleets.terminate(mark.instanceId, run.signal);
    return `instance ${mark.instanceId} terminated; Spot Fleet ${fleet} launches another`;
  }
  // A target is set as a whole: each instance lowers what the one before it has left.
  const { from, to } = await deps.poolQueue.run(member.pool.name, () =>
    lowerTarget(member, fleets, run, deps),
  );
  await fleets.terminate(mark.instanceId, run.signal);
  return `instance ${mark.instanceId} terminated, Spot Fleet ${fleet} ${from} -> ${to} units`;
}

/** Under the pool's lease, so that no other run lowers the same target from what it was before. */
const lowerTarget = (
  { fleet, pool, mark: { instanceId, cause, plan } }: FleetMember,
  fleets: SpotFleets,
  run: Run,
  deps: Pick<Dependencies, "autoScaling" | "ledger" | "pools" | "spotFleets">,
) =>
  applyOnce(
    {
      resource: drainsOf(pool),
      instanceId,
      action: LOWER_TARGET,
      direction: "in",
      reasons: [`node drained: ${cause}${plan === undefined ? "" : `, plan ${plan}`}`],
    },
    async () => {
      const [instance, request, instances] = await Promise.all([
        fleets.instance(instanceId, run.signal),
        fleets.describe(fleet, pool.name, run.signal),
        poolInstances(pool, [instanceId], run.signal, deps),
      ]);
      const to = request.target - unitsOf(request, instance?.type);
      return {
        from: request.target,
        to,
        isApplied: (inDoubt) => inDoubt.action === LOWER_TARGET && request.target <= inDoubt.to,
        check: () => holdAtMin(pool, instances, run),
        call: () => fleets.setTarget(fleet, to, run.signal),
      };
    },
    run,
    deps.ledger,
  );
