/** The Spot Fleet calls that node pools need. Capacity is in the fleet's weighted units. */
export interface SpotFleets {
  /**
   * One Spot Fleet request.
   *
   * @param pool the node pool that names it, for messages
   * @throws Misconfigured when there is no such request, Blocked when AWS lets nobody change it
   */
  describe(id: string, pool: string, signal: AbortSignal): Promise<SpotFleetRequest>;
  /** The instances that run in the fleet now; none when there is no such request. */
  activeInstances(id: string, signal: AbortSignal): Promise<readonly FleetInstance[]>;
  /** The newest launch that failed, unless an instance was launched after it. Looks back to `since`, ms since the epoch. */
  failedLaunch(id: string, since: number, signal: AbortSignal): Promise<FailedFleetLaunch | undefined>;
  /** One instance; undefined once EC2 no longer knows it. */
  instance(instanceId: string, signal: AbortSignal): Promise<FleetInstance | undefined>;
  /** Sets the target without ending any instance. */
  setTarget(id: string, units: number, signal: AbortSignal): Promise<void>;
  terminate(instanceId: string, signal: AbortSignal): Promise<void>;
}

/** A Spot Fleet request of type `maintain`. */
export interface SpotFleetRequest {
  readonly id: string;
  /** AWS's word, for example `active` or `modifying`. */
  readonly state: string;
  readonly target: number;
  /** Its zones where the request names them; a fleet that names subnets does not, and AWS chooses the zone. */
  readonly zones: readonly string[];
  /** What one instance counts for, by instance type. Types without a weight are not in it: they count for one. */
  readonly weights: ReadonlyMap<string, number>;
}

export interface FleetInstance {
  readonly id: string;
  readonly type: string;
  readonly zone: string | undefined;
  /** EC2's word, for example `running` or `shutting-down`. */
  readonly state: string;
  readonly healthy: boolean;
  /** ms since the epoch. */
  readonly launchedAt: number | undefined;
  /** The Spot Fleet request that launched it; undefined when none did. */
  readonly fleet: string | undefined;
}

export interface FailedFleetLaunch {
  /** ms since the epoch. */
  readonly at: number;
  readonly message: string;
}

/** What an instance of this type counts for in the fleet's target. */
export const unitsOf = ({ weights }: SpotFleetRequest, type: string | undefined): number =>
  weights.get(type ?? "") ?? 1;
