import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { SpotFleets } from "../observe/spot-fleets.ts";
import type { Dependencies, NamedPool } from "../run/dependencies.ts";
import { applyOnce } from "./apply-once.ts";

/**
 * Ends an emptied instance of a Spot Fleet. For a scale-in the target goes first, by what the instance counts
 * for: the other way round the fleet would launch another at once.
 */
export async function removeFromFleet(
  { policy, name }: NamedPool,
  mark: DrainMark,
  run: Run,
  deps: Dependencies,
): Promise<string> {
  const { instanceId } = mark;
  const fleet = policy.spotFleet;
  if (fleet === undefined) throw new Misconfigured(`node pool ${name} has no Spot Fleet`);
  const fleets = await deps.spotFleets();
  if (mark.reason !== "scale-in") {
    await fleets.terminate(instanceId, run.signal);
    return `instance ${instanceId} terminated; Spot Fleet ${fleet} launches another`;
  }
  // A target is set as a whole: each instance lowers what the one before it has left.
  const { from, to } = await deps.turns.take(fleet, () => lowerTarget(fleet, mark, fleets, run, deps));
  await fleets.terminate(instanceId, run.signal);
  return `instance ${instanceId} terminated, Spot Fleet ${fleet} ${from} -> ${to} units`;
}

/** Under the fleet's lease, so that no other run lowers the same target from what it was before. */
const lowerTarget = (
  fleet: string,
  { instanceId, reason, plan }: DrainMark,
  fleets: SpotFleets,
  run: Run,
  deps: Dependencies,
) =>
  applyOnce(
    {
      resource: `spot-fleet/${fleet}`,
      instanceId,
      action: "ec2:ModifySpotFleetRequest",
      direction: "in",
      reasons: [`node emptied: ${reason}${plan === undefined ? "" : `, plan ${plan}`}`],
    },
    async () => {
      const { target, units } = await fleets.capacity(fleet, instanceId, run.signal);
      return {
        from: target,
        to: target - units,
        isApplied: (pending) => target <= pending.to,
        call: () => fleets.setTarget(fleet, target - units, run.signal),
      };
    },
    run,
    deps.ledger,
  );
