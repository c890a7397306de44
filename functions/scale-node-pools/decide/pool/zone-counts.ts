/** Stands for all zones of a group of which they are not known. */
const SOME_ZONE = "";

/** How many nodes each zone of a group has. */
export class ZoneSizes {
  readonly #sizes: Map<string, number>;

  /** @param zones all the zones there are @param taken the zone of each node */
  constructor(zones: readonly string[], taken: readonly (string | undefined)[]) {
    this.#sizes = new Map((zones.length > 0 ? zones : [SOME_ZONE]).map((zone) => [zone, 0]));
    for (const zone of taken) this.#change(zone ?? SOME_ZONE, 1);
  }

  copy(): ZoneSizes {
    const copy = new ZoneSizes(this.names, []);
    for (const [zone, size] of this.#sizes) copy.#sizes.set(zone, size);
    return copy;
  }

  get names(): string[] {
    return [...this.#sizes.keys()];
  }

  sizeOf(zone: string): number {
    return this.#sizes.get(zone) ?? 0;
  }

  /** One more node in the smallest zone. @returns that zone */
  growSmallest(): string {
    const zone = this.smallest();
    this.#change(zone, 1);
    return zone;
  }

  shrink(zone: string): void {
    this.#change(zone, -1);
  }

  /** The zone with the fewest nodes: where an Auto Scaling group puts its next instance. The first by name of equals. */
  smallest(): string {
    return this.names.reduce((best, zone) =>
      before(this.sizeOf(zone) - this.sizeOf(best), zone, best) ? zone : best,
    );
  }

  #change(zone: string, by: number): void {
    this.#sizes.set(zone, this.sizeOf(zone) + by);
  }
}

const before = (difference: number, a: string, b: string): boolean =>
  difference < 0 || (difference === 0 && a < b);
