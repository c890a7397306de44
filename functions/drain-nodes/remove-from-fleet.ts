import type { DrainMark } from "../../shared/kubernetes/drain-mark.ts";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import type { House, NamedPool } from "./house.ts";
import { once } from "./once.ts";

/**
 * Ends an emptied instance of a Spot Fleet. For a scale-in the target goes first, by what the instance counts
 * for: the other way round the fleet would launch another at once.
 */
export async function removeFromFleet(
  { policy, name }: NamedPool,
  { instanceId, reason, plan }: DrainMark,
  run: Run,
  house: House,
): Promise<string> {
  const fleet = policy.spotFleet;
  if (fleet === undefined) throw new Misconfigured(`node pool ${name} has no Spot Fleet`);
  const fleets = await house.spotFleets();
  if (reason !== "scale-in") {
    await fleets.terminate(instanceId, run.signal);
    return `instance ${instanceId} terminated; Spot Fleet ${fleet} launches another`;
  }
  const { target, units } = await fleets.capacity(fleet, instanceId, run.signal);
  const change = await once(
    {
      resource: `instance/${instanceId}`,
      action: "ec2:ModifySpotFleetRequest",
      direction: "in",
      from: target,
      to: target - units,
      reasons: [`node emptied: ${reason}${plan === undefined ? "" : `, plan ${plan}`}`],
    },
    (pending) => target <= pending.to,
    () => fleets.setTarget(fleet, target - units, run.signal),
    run,
    house.ledger,
  );
  await fleets.terminate(instanceId, run.signal);
  return `instance ${instanceId} terminated, Spot Fleet ${fleet} ${change.from} -> ${change.to} units`;
}
