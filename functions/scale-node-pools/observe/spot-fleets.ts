import {
  type FailedFleetLaunch,
  type FleetInstance,
  type SpotFleetRequest,
  type SpotFleets,
  unitsOf,
} from "../../../shared/node-pools/spot-fleet.ts";
import type { Group, Instance } from "../model/cluster.ts";
import { failedLaunchOf } from "./launches/failed-launch.ts";

/** How far back failed launches are asked for; the back-off looks back less. */
const HISTORY_MS = 60 * 60_000;

/** The pool's Spot Fleet as a group. Throws Misconfigured or Blocked when AWS does not let it be scaled. */
export async function readFleet(
  fleets: SpotFleets,
  id: string,
  pool: string,
  now: number,
  signal: AbortSignal,
): Promise<Group> {
  const [request, instances, failed] = await Promise.all([
    fleets.describe(id, pool, signal),
    fleets.activeInstances(id, signal),
    fleets.failedLaunch(id, now - HISTORY_MS, signal),
  ]);
  return asGroup(request, instances, failed);
}

const asGroup = (
  request: SpotFleetRequest,
  instances: readonly FleetInstance[],
  failed: FailedFleetLaunch | undefined,
): Group => ({
  kind: "spotFleet",
  name: request.id,
  min: 0,
  // A fleet has no limit of its own: the pool's max, which the policy must give, is the only one.
  max: Number.MAX_SAFE_INTEGER,
  desired: request.target,
  zones: request.zones,
  instances: instances.map(
    ({ id, type, zone, state, healthy, launchedAt }): Instance => ({
      id,
      zone,
      state: state === "running" ? "running" : state === "pending" ? "starting" : "terminating",
      healthy,
      protectedFromScaleIn: false,
      launchedAt,
      units: unitsOf(request, type),
    }),
  ),
  suspended: [],
  refreshing: false,
  tags: {},
  failedLaunch: failed && failedLaunchOf(failed.at, failed.message),
  busy:
    request.state === "active"
      ? undefined
      : `the Spot Fleet request is ${request.state || "in an unknown state"}`,
  nodeLabels: {},
  nodeTaints: [],
});
