/** A slot of the profile: a quarter of an hour. */
export const SLOT_MS = 15 * 60_000;

/** What a stream's traffic was like over the last days: the peak of each quarter of an hour. */
export interface DemandProfile {
  /** The first slot's number, counted from the epoch. */
  readonly firstSlot: number;
  /** In shards' worth, refused writes included; null where it is not known. */
  readonly peaks: readonly (number | null)[];
  /** What was taken in those days, oldest first: what its price by the GB depends on. */
  readonly days?: readonly DayVolume[];
  /** Scale-outs of these days because of bursts, newest first: what they came from is not enough. */
  readonly bursts?: readonly Burst[];
}

/** A scale-out because records were refused although the minutes' means fitted. */
export interface Burst {
  /** ms since the epoch. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** In shards' worth, and the share of what was offered that was refused, in the worst minute. */
  readonly demand: number;
  readonly share: number;
}

/** What a stream took in one day, UTC. */
export interface DayVolume {
  /** Days since the epoch. */
  readonly day: number;
  /** The quarters of an hour that are counted. */
  readonly slots: number;
  readonly bytes: number;
  readonly records: number;
}
