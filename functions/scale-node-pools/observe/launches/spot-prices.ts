import type { EC2, _InstanceType as TypeName } from "@aws-sdk/client-ec2";
import { asFailure } from "../../../../shared/aws/failure.ts";
import { smallestType } from "../../decide/capacity/launch-shape.ts";
import type { Group, SpotPrice } from "../../model/cluster.ts";
import type { LaunchTypes } from "./launch-types.ts";

/** What groups that launch Spot instances pay for the next one. */
export interface SpotPrices {
  /** Undefined for a group that launches others. Never throws: a price is only a hint. */
  of(group: Group, now: number, signal: AbortSignal): Promise<SpotPrice | undefined>;
}

/** Prices move slowly, and are only read to choose between pools that are as good otherwise. */
const KEEP_MS = 3_600_000;

/** What was read is kept for an hour, also that nothing could be read. */
export function createSpotPrices(types: LaunchTypes, client: EC2): SpotPrices {
  const known = new Map<string, { readonly at: number; readonly price: Promise<SpotPrice | undefined> }>();
  return {
    of(group, now, signal) {
      const before = known.get(group.name);
      if (before && now - before.at < KEEP_MS) return before.price;
      const price = readPrice(client, types, group, now, signal).catch((error: unknown) => ({
        unknown: asFailure(error, "ec2:DescribeSpotPriceHistory", group.name).message,
      }));
      known.set(group.name, { at: now, price });
      return price;
    },
  };
}

/** In the dearest of the group's zones, of its smallest instance type. */
async function readPrice(
  client: EC2,
  types: LaunchTypes,
  { launches, zones }: Group,
  now: number,
  abortSignal: AbortSignal,
): Promise<SpotPrice | undefined> {
  if (!launches || !(await types.isSpot(launches, abortSignal))) return undefined;
  const type = smallestType(await types.of(launches, abortSignal));
  if (!type) return { unknown: "its instance types are not known" };
  const at = new Date(now);
  const input = {
    // The SDK's list of types is older than AWS's.
    InstanceTypes: [type.name as TypeName],
    ProductDescriptions: ["Linux/UNIX"],
    // The prices that hold at this moment, one a zone.
    StartTime: at,
    EndTime: at,
  };
  const { SpotPriceHistory = [] } = await client.describeSpotPriceHistory(input, { abortSignal });
  const prices = SpotPriceHistory.flatMap(({ AvailabilityZone = "", SpotPrice }) =>
    zones.length === 0 || zones.includes(AvailabilityZone) ? [Number(SpotPrice)] : [],
  ).filter((price) => price > 0);
  return prices.length > 0
    ? { perHour: Math.max(...prices) }
    : { unknown: `AWS names no price of ${type.name} in its zones` };
}
