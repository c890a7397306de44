import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { type SpotFleets, unitsOf } from "../../../shared/node-pools/spot-fleet.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { applyOnce } from "./apply-once.ts";

/** A drained instance of a pool's Spot Fleet. */
export interface FleetMember {
  readonly fleet: string;
  /** The pool's name, for messages. */
  readonly pool: string;
  readonly mark: DrainMark;
}

/**
 * Terminates a drained instance of a Spot Fleet. For a scale-in the target is lowered first, by what the
 * instance counts for: the other way round the fleet would launch another at once.
 */
export async function removeFromFleet(
  member: FleetMember,
  run: Run,
  deps: Pick<Dependencies, "spotFleets" | "fleetQueue" | "ledger">,
): Promise<string> {
  const { fleet, mark } = member;
  const fleets = await deps.spotFleets();
  if (mark.cause !== "scale-in") {
    await fleets.terminate(mark.instanceId, run.signal);
    return `instance ${mark.instanceId} terminated; Spot Fleet ${fleet} launches another`;
  }
  // A target is set as a whole: each instance lowers what the one before it has left.
  const { from, to } = await deps.fleetQueue.run(fleet, () => lowerTarget(member, fleets, run, deps));
  await fleets.terminate(mark.instanceId, run.signal);
  return `instance ${mark.instanceId} terminated, Spot Fleet ${fleet} ${from} -> ${to} units`;
}

/** Under the fleet's lease, so that no other run lowers the same target from what it was before. */
const lowerTarget = (
  { fleet, pool, mark: { instanceId, cause, plan } }: FleetMember,
  fleets: SpotFleets,
  run: Run,
  { ledger }: Pick<Dependencies, "ledger">,
) =>
  applyOnce(
    {
      resource: `spot-fleet/${fleet}`,
      instanceId,
      action: "ec2:ModifySpotFleetRequest",
      direction: "in",
      reasons: [`node drained: ${cause}${plan === undefined ? "" : `, plan ${plan}`}`],
    },
    async () => {
      const instance = await fleets.instance(instanceId, run.signal);
      const request = await fleets.describe(fleet, pool, run.signal);
      const to = request.target - unitsOf(request, instance?.type);
      return {
        from: request.target,
        to,
        isApplied: (inDoubt) => request.target <= inDoubt.to,
        call: () => fleets.setTarget(fleet, to, run.signal),
      };
    },
    run,
    ledger,
  );
