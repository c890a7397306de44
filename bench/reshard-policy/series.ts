/** Synthetic shapes of traffic, one value a minute, largest value 1. Made from a fixed seed: the same at every run. */

const DAY = 24 * 60;

export interface Series {
  readonly name: string;
  /** Where it is from, for the report. */
  readonly source: string;
  readonly seasonal: boolean;
  /** One value a minute, 0 to 1. */
  readonly values: readonly number[];
}

/** A small generator of random numbers with a seed (mulberry32), so that every run has the same noise. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function synthetic(days = 7): Series[] {
  const minutes = days * DAY;
  const shape = (name: string, seasonal: boolean, valueAt: (minute: number) => number): Series => ({
    name,
    source: "synthetic",
    seasonal,
    values: normalised(Array.from({ length: minutes }, (_, minute) => valueAt(minute))),
  });
  const noise = random(7);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - noise())) * Math.cos(2 * Math.PI * noise());
  const day = (minute: number) => 0.55 - 0.45 * Math.cos((2 * Math.PI * (minute % DAY)) / DAY);
  let walk = 0.5;
  let ar = 0;
  let burst = 0;
  return [
    shape("constant", true, () => 1),
    shape("day and night", true, day),
    shape("day, night and weekend", true, (m) => day(m) * (Math.floor(m / DAY) % 7 >= 5 ? 0.5 : 1)),
    shape("day and night, noisy", false, (m) => {
      ar = 0.9 * ar + 0.06 * gauss();
      return day(m) * Math.exp(ar);
    }),
    shape("office hours", true, (m) => {
      const hour = (m % DAY) / 60;
      return 0.1 + 0.9 * Math.max(0, Math.min(1, hour - 7, 19 - hour));
    }),
    shape("saw-tooth of 3 hours", false, (m) => 0.06 + (0.94 * (m % 180)) / 180),
    shape("square wave of 6 hours", false, (m) => (Math.floor(m / 180) % 2 === 0 ? 0.15 : 1)),
    shape("5 minutes every hour", false, (m) => (m % 60 < 5 ? 1 : 0.2)),
    shape("nightly batch of 2 hours", true, (m) => (m % DAY < 120 ? 1 : 0.15)),
    shape("random walk", false, () => {
      walk = Math.min(1, Math.max(0.05, walk + 0.008 * gauss()));
      return walk;
    }),
    shape("flash crowds", false, (m) => {
      burst = m % 1931 === 900 ? 1 : burst * 0.985;
      return 0.1 * day(m) + burst;
    }),
    shape("growth over the week", false, (m) => (0.15 + (0.85 * m) / minutes) * day(m)),
    shape("one step up", false, (m) => (m < minutes / 2 ? 0.2 : 1)),
    shape("one step down", false, (m) => (m < minutes / 2 ? 1 : 0.2)),
  ];
}

export function normalised(values: readonly number[]): number[] {
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  return values.map((value) => (largest === 0 ? 0 : Math.max(0, value) / largest));
}
